"""Measurements of the running product, and the processes they need."""
