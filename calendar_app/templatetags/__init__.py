"""Filters for what is shown for decision."""
