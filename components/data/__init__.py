"""Intake of datasets: read, understand columns, bind them to inputs, split."""
