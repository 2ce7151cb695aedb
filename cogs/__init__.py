"""Commands and presses: each handler parses, makes one store call and answers once."""
