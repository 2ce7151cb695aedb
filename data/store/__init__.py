"""The file that everything is in: transactions, backups, integrity, errors of its disk."""
