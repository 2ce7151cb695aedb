"""Reads what people type about time, and writes rules in words: a package for each language."""
