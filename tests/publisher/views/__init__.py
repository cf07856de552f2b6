"""The pages of channels, outgoing posts and stops."""
