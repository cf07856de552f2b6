"""The protocol below Bluesky: accounts that can move, sessions, and records under names of our own choosing."""
