"""Reads hours: clock times, ranges and lengths of time."""
