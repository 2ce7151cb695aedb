"""Whom the messages of a channel notified, and words by which to find them."""

from __future__ import annotations

from tests.server.simulated_server import SimulatedServer

FREE = "a seat came free"
KEPT = "is yours if you"
ASKS = "would like to join"


def pings(server: SimulatedServer, words: str) -> list[list[int]]:
    """Returns whom each public message with these words notified, oldest first."""
    return [one.pinged for one in server.posted() if words in one.message.content]


def mentioned_users(server: SimulatedServer) -> list[list[int]]:
    """Returns whom each public message with text was allowed to notify, oldest first."""
    found = []
    for request in server.environment.http_requests:
        if request.method != "POST" or not request.path.endswith("/messages"):
            continue
        assert request.json is not None
        if request.json.get("content"):
            users = request.json["allowed_mentions"].get("users", [])
            found.append([int(user) for user in users])
    return found
