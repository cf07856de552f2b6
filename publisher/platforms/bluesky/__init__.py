"""Bluesky and every other server that keeps its records: one protocol, accounts that can move."""
