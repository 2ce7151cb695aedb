"""Tells the person who hosts the bot or sets up a server what is wrong and what to change."""
