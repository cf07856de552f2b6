"""Tests of what people say back."""
