"""Builds messages from models, as Discord components. Pure: no I/O, no clock."""
