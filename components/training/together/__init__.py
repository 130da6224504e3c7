"""Several layouts over the same frozen members, trained as one model: each learns exactly what it would alone."""
