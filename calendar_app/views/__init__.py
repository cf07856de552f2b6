"""Pages of the plan, one file per family."""
