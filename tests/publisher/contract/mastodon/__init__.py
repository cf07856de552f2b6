"""The kit of the Mastodon family."""
