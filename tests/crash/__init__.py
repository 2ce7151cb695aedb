"""One bot after another on the same file, each killed at a moment drawn by chance."""
