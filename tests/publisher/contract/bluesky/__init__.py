"""What the suite has to know about Bluesky."""
