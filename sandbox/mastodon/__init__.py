"""The Mastodon client API as the sandbox speaks it."""
