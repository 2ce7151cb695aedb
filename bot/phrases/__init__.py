"""What people type about time, and how a rule is said: a package for each language."""
