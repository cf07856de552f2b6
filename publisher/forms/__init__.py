"""The forms of this package's pages."""
