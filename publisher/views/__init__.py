"""Pages of this package, one file per family."""
