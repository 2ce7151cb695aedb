"""What people type and press: each handler parses, makes one store call and answers once."""
