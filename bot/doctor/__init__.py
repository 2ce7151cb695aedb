"""Says what is wrong and which switch to flip, to whoever hosts the bot or sets up a server."""
