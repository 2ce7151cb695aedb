"""Members: their answers, seats, attendance and history."""
