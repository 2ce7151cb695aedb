"""Stored data and its rules: the models, one transaction per change, the migrations.

Imports neither the bot nor Discord, so that every rule about sessions and answers can be read,
tested and moved to another engine without them.
"""
