"""Everything that can be asked of Jelly: an :class:`Actor` and plain values in, a result out.

Each action checks the actor's rights, in the transaction that does what was asked. None knows
Discord: a cog, a page or a test makes an actor, asks, and says the result in its own way. What is
not allowed raises Refusal.
"""
