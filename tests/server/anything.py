"""Whatever people may type: text with a meaning to Discord, to Python or to us, and the rest."""

from __future__ import annotations

from functools import cached_property

from hypothesis import strategies as st

from tests.server.four_servers import NEXT_DOOR, FourServers

UGLY = (
    *("**bold**", "||spoiler||", "~~struck~~", "```", "`code`", "[x](http://evil.example)"),
    *("<t:1:R>", "</cmd:1>", "<:smile:1>", "<a:smile:1>", "<id:guide>", "@everyone", "@here"),
    *(
        "\n# shout",
        "\n> shout",
        "\n-# shout",
        "\n1. shout",
        "\\",
        "\\\\*",
        "<",
        "http://",
        "_",
        "*",
    ),
    *("\u202e", "\u200b", "\u2066", "\ufeff", "\u200d", "\u00ad", "\u3164", "\ufe0f", "\u0301"),
    *("🎉", "👩‍👩‍👧‍👦", "שלום", "مرحبا", "ß", "İ", "ǆ", "\0", "\x1b[31m", "\x85", "\u2028"),
    *(
        "\n",
        "\r\n",
        "\t",
        " ",
        "   ",
        ",",
        ";",
        ":",
        '"',
        "'",
        "{}",
        "{0}",
        "%s",
        "$1",
        "--",
        "=1+1",
    ),
    *("session:", "series:", "jelly:", "٣", "²", "½", "Ⅷ", "𝟙", "1e9", "-1", "0", "inf", "1_0"),
)
PLAIN = (
    *("thursday 10am", "friday 10-16", "every tuesday 10am", "every other friday 9:30-13:00"),
    *("every day 10am", "friday 10", "in 3 days at 9", "dec 3 10am", "29 february 10am", "jan 5"),
    *("every month on the 31st 10am", "tomorrow 23:30-01:30", "every friday 10am until dec 24"),
    *("1 day", "1 hour", "1 day, 1 hour", "none", "0 minutes", "10 years", "1 minute", "12 hours"),
    *("London", "Europe/Berlin", "UTC", "America/New_York", "10 to 13", "from 11", "all day", "-"),
    *("jelly", "Friday jelly", "Tuesday jelly", "Lost jelly", NEXT_DOOR[:5], "8", "going", "card"),
)
_EDGES = (0, -1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**40, 253402300800)
_NEARLY_NUMBERS = ("٣", "²", "1_0", " 1", "+1", "0x1", "1.0", "", "-0", "00", "one")


class Anything:
    """Strategies for text, numbers and the parts of ids, for the people of a quarter."""

    def __init__(self, four_servers: FourServers) -> None:
        self._four_servers = four_servers

    def typed(self, least: int, longest: int) -> st.SearchStrategy[str]:
        """Returns a strategy for text of a length that Discord accepts."""
        filled = self._pieces.map(lambda piece: (piece or "x") * longest)
        return (self._phrases | filled).map(lambda text: text[:longest].ljust(least, "x"))

    @cached_property
    def numbers(self) -> st.SearchStrategy[str]:
        """Returns a strategy for ids: of everything in all servers, of nothing, and lookalikes."""
        people = [str(one.id) for one in self._four_servers.home.people]
        made_up = [*people, *map(str, _EDGES), *_NEARLY_NUMBERS]
        return st.integers(0, 30).map(str) | st.sampled_from(made_up)

    @cached_property
    def parts(self) -> st.SearchStrategy[str]:
        """Returns a strategy for arguments in the id of a button or form: real ones and others."""
        seen = {part for one in self._four_servers.seen for part in one.split(":")[2:]}
        return st.one_of(
            self.numbers, self.numbers, st.sampled_from(sorted(seen)), self.typed(0, 90)
        )

    @cached_property
    def _pieces(self) -> st.SearchStrategy[str]:
        bystander = self._four_servers.bystander
        mentions = [bystander.mention, f"<@!{bystander.id}>"]
        mentions += [decoy.mention for decoy in self._four_servers.decoys]
        anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
        return st.sampled_from((*UGLY, *mentions)) | st.sampled_from(PLAIN) | anything

    @cached_property
    def _phrases(self) -> st.SearchStrategy[str]:
        return st.one_of(
            st.sampled_from(PLAIN),
            st.lists(self._pieces, max_size=6).map("".join),
            st.lists(self._pieces, max_size=6).map(" ".join),
            st.tuples(self._pieces, st.sampled_from([30, 300])).map(lambda pair: pair[0] * pair[1]),
        )
