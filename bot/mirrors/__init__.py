"""What Discord shows of sessions, kept current: one module refreshes, one more for each kind."""
