"""Says what to type instead of what is refused, and completes what is being typed."""
