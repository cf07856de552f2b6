"""Words and signs that templates of every package use."""
