"""Planning, writing, approving and scheduling posts."""
