"""Words that this package's templates need."""
