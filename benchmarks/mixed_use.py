"""Members who use every function of a bot, one after the other, with occasional faults.

What they do is drawn from a seed. What they are told about their answers goes into a ledger.
"""

from __future__ import annotations

import asyncio
import random
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.ledger import Ledger, Place, stored_answers
from tests.loopback import Answer, Guild, Loopback, LoopbackError, Message

OPEN_JELLIES = 8
PRESSES = {"Going": "going", "Maybe": "maybe", "Can't make it": "declined"}
BETWEEN_ACTIONS = 0.05
BETWEEN_FAULTS = 8.0
ENOUGH = 30
"""Answers that members were told are stored, as the minimum for a measurement."""
LONGEST = 3
"""Times as long as asked for, at most, until there are enough."""
POST, SAVE, CALL_OFF = "Schedule it", "Save it", "Call it off"

_SAYS_GOING = re.compile(r"\bgoing\b", re.IGNORECASE)


@dataclass
class Used:
    """The result of the use."""

    acknowledged: int = 0
    unanswered: int = 0
    faults: int = 0
    noted: int = 0
    """Answers that members were told are stored."""
    noted_privately: int = 0
    """Those of them that were presses on cards that were out of date."""
    waits: list[float] = field(default_factory=list)
    """Seconds to each acknowledgement."""
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def is_enough(self) -> bool:
        return self.noted >= ENOUGH and self.faults > 0


class MixedUse:
    """The members of one server, and the jellies that they were told of."""

    def __init__(self, discord: Loopback, guild: Guild, chance: random.Random, file: Path) -> None:
        self.used = Used()
        self._discord = discord
        self._guild = guild
        self._chance = chance
        self._file = file
        self._cards: dict[int, Message] = {}
        """Cards as they were first seen, as long as their jelly can be answered."""
        self._ends: dict[int, datetime] = {}
        self._number = 0

    async def set_up(self) -> None:
        channel = next(iter(self._guild.channels.values()))
        options = {"channel": channel, "zone": "UTC", "reminders": "1 minute"}
        await self._discord.slash(self._guild.owner, channel, "settings", options)
        await self._schedule()

    async def go_on(self, seconds: float) -> None:
        """Uses the bot for so long; on a slow machine longer, but not without limit."""
        loop = asyncio.get_running_loop()
        started_at = loop.time()
        next_fault = started_at + min(BETWEEN_FAULTS, seconds) / 2
        actions = (
            [self._press] * 30
            + [self._answer_by_command, self._look_up, self._fill_in] * 2
            + [self._schedule, self._move, self._call_off]
        )
        while (passed := loop.time() - started_at) < seconds or (
            not self.used.is_enough and passed < LONGEST * seconds
        ):
            if loop.time() >= next_fault:
                next_fault = loop.time() + BETWEEN_FAULTS
                await self._disturb()
            # There is no card at the moment, or it was deleted meanwhile.
            with suppress(IndexError, LoopbackError):
                await self._chance.choice(actions)()
            await asyncio.sleep(BETWEEN_ACTIONS)
        await self._discord.clear_faults()

    async def _press(self) -> None:
        card = self._card()
        member = self._chance.choice(self._guild.members)
        label = self._chance.choice(list(PRESSES))
        if label not in card.buttons:
            return
        place, said = (title_of(card), member), PRESSES[label]
        self.used.ledger.sent(place, said)
        # The card as the member saw it: it may have changed since, and the button may be gone.
        answer = await self._discord.click(member, card, card.buttons[label], forged=True)
        if self._took(answer):
            is_public = answer.kind == "update"
            is_noted = self._note(place, said, is_told=is_public or _can_be_pressed(answer))
            self.used.noted_privately += is_noted and not is_public

    async def _answer_by_command(self) -> None:
        card = self._card()
        member = self._chance.choice(self._guild.members)
        place, said = (title_of(card), member), "going"
        self._number += 1
        options = {"jelly": title_of(card), "answer": said, "note": f"note {self._number} ✏️"}
        self.used.ledger.sent(place, said)
        answer = await self._discord.slash(member, card.channel_id, "rsvp", options)
        if self._took(answer):
            self._note(place, said, is_told=_says_going(answer))

    async def _look_up(self) -> None:
        member = self._chance.choice(self._guild.members)
        name = self._chance.choice(["jellies", "me record", "help", "jelly list"])
        self._took(await self._discord.slash(member, self._channel(), name))

    async def _fill_in(self) -> None:
        card = self._card()
        if "Add details" not in card.buttons:
            return
        member = self._chance.choice(self._guild.members)
        shown = await self._discord.click(member, card, card.buttons["Add details"], forged=True)
        if self._took(shown) and shown.kind == "modal":
            # Details do not say whether a member comes, but a member who had declined now comes.
            place = title_of(card), member
            self.used.ledger.changed(place)
            self.used.ledger.sent(place, "going")
            if self._took(await self._discord.submit_modal(shown, {})):
                self.used.ledger.refused(place, "going")

    async def _schedule(self) -> None:
        now = datetime.now(UTC)
        self._ends = {card: end for card, end in self._ends.items() if end > now}
        self._cards = {card: self._cards[card] for card in self._ends}
        if len(self._ends) >= OPEN_JELLIES:
            return
        self._number += 1
        # Some begin soon, so that cards of before the start are pressed after it.
        start = now + timedelta(minutes=self._chance.randint(1, 5))
        end = start + timedelta(minutes=self._chance.randint(2, 10))
        if end.date() != start.date():
            return
        channel = self._channel()
        title = f"Soaked jelly {self._number}"
        options = {
            "what": title,
            "when": f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}",
            "where": "The Albion",
        }
        preview = await self._discord.slash(self._guild.owner, channel, "jelly new", options)
        if not self._took(preview) or preview.message is None:
            return
        if (button := preview.message.buttons.get(POST)) is None:
            return  # the minute of its start was over
        self._took(await self._discord.click(self._guild.owner, preview.message, button))
        if (card := await self._posted(title)) is not None:
            self._cards[card.id] = card
            self._ends[card.id] = end

    async def _move(self) -> None:
        self._number += 1
        where = {"where": f"Table {self._number}"}
        await self._change(self._card(), "jelly move", where, SAVE)

    async def _call_off(self) -> None:
        card = self._card()
        if self._chance.random() < 0.3:
            await self._change(card, "jelly cancel", {}, CALL_OFF)
            self._ends.pop(card.id, None)

    async def _change(
        self, card: Message, command: str, options: dict[str, Any], button: str
    ) -> None:
        owner, which = self._guild.owner, {"jelly": title_of(card), **options}
        asked = await self._discord.slash(owner, card.channel_id, command, which)
        if self._took(asked) and asked.message is not None and button in asked.message.buttons:
            pressed = asked.message.buttons[button]
            self._took(await self._discord.click(owner, asked.message, pressed))

    async def _disturb(self) -> None:
        discord, chance = self._discord, self._chance
        await discord.clear_faults()
        self.used.faults += 1
        match chance.randrange(7):
            case 0:
                await discord.disturb_requests(method="POST", status=503, chance=0.3)
            case 1:
                await discord.disturb_requests(latency=0.05, jitter=0.2)
            case 2:
                path = "/channels/*"
                await discord.disturb_requests(path=path, drop=True, takes_effect=True, times=2)
            case 3:
                await discord.disturb_interactions(copies=2, times=20)
            case 4:
                await discord.cut_gateway()
            case 5:
                await discord.ask_to_reconnect()
            case _:
                await discord.invalidate_session(resumable=True)

    async def _posted(self, title: str) -> Message | None:
        """Returns the card of that title, once it is in the channel; None if it does not come."""
        for _ in range(100):
            for channel in self._guild.channels.values():
                for message in await self._discord.messages(channel):
                    if not message.ephemeral and title_of(message) == title:
                        return message
            await asyncio.sleep(BETWEEN_ACTIONS)
        return None

    def _note(self, place: Place, said: str, *, is_told: bool) -> bool:
        """Records an acknowledged answer; returns whether the member was told that it is stored.

        ``is_told`` says that the member was told so plainly. A private sentence may say so in other
        words, or be a refusal: then what the file holds at this moment decides.
        """
        is_noted = is_told or stored_answers(self._file).get(place) == said
        if is_noted:
            self.used.noted += 1
            self.used.ledger.noted(place, said)
        else:
            self.used.ledger.refused(place, said)
        return is_noted

    def _took(self, answer: Answer) -> bool:
        """Counts an answer; returns whether there was one that Discord took."""
        if answer.kind is None or answer.seconds is None:
            self.used.unanswered += 1
            return False
        self.used.acknowledged += 1
        self.used.waits.append(answer.seconds)
        return True

    def _card(self) -> Message:
        return self._cards[self._chance.choice(list(self._ends))]

    def _channel(self) -> int:
        return self._chance.choice(list(self._guild.channels.values()))


def title_of(message: Message) -> str:
    """Returns the title on a card; for any other message another text."""
    return next(iter(message.text.splitlines()), "").removeprefix("## ")


def _can_be_pressed(answer: Answer) -> bool:
    """Returns whether a private answer shows the card or buttons that work now.

    No refusal does.
    """
    return answer.message is not None and bool(answer.message.buttons)


def _says_going(answer: Answer) -> bool:
    return answer.message is not None and bool(_SAYS_GOING.search(answer.message.text))
