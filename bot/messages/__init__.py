"""What people see: models in, Discord components out. Pure: no I/O, no clock."""
