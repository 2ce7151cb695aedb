"""Reads days: single ones, lists of them, and those that a series leaves out."""
