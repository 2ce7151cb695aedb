"""The program: starts and stops, keeps time, pays what it owes."""
