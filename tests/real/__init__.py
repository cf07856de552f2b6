"""Tests that speak to platforms' own servers: make test-real."""
