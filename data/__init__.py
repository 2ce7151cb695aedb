"""What is true: the models, one transaction per change, the migrations.

Imports nothing of the bot and nothing of Discord, so every rule about sessions and answers can be
read, tested and moved to another engine without either.
"""
