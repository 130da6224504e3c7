"""Operators, layouts and adapters; from a recipe to a model, a picture and a script."""
