"""Finds time zones by the names and letters that people know them by."""
