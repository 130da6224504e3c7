"""Models merged in weight space: several of one architecture become one of that architecture."""
