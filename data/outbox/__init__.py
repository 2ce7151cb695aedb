"""Messages that the bot owes: their kinds, recipients, claims and outcomes."""
