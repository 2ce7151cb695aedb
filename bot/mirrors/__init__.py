"""Keeps what Discord shows of sessions current: a refresh module, and one module per kind."""
