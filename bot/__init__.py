"""The program: start and stop, scheduling, and sending of the messages in the outbox."""
