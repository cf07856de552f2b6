"""Tests of people and walls."""
