"""One suite for every platform of the registry."""
