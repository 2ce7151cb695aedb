"""Consecutive bot processes on the same file, each killed at a randomly drawn moment."""
