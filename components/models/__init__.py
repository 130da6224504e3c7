"""Intake of model files: recognise, scan, translate, load; and what is known of a member."""
