"""Each script that states promises finds them kept for a minute, and can find them broken.

It prints its seed first, and on failure how to draw the same again. The others print figures.
"""

from __future__ import annotations

import re

import pytest

from bot.config import PROJECT
from tests.benchmark_scripts import run_script

FOR_A_MINUTE = {
    "soak": ("--minutes", "1"),
    "kills": ("--kills", "240"),
    "faults": ("--seconds", "6"),
    "burst": ("--reminders", "1000", "--rounds", "2"),
    "catchup": ("--servers", "200", "--late", "0.1", "--busy", "2"),
    "rush": ("--members", "1000", "--rounds", "3"),
    "seats": ("--rounds", "20", "--times", "100"),
    "presses": ("--rounds", "4"),
    "reliability": (
        *("--kills", "40", "--seconds", "1", "--reminders", "300", "--minutes", "0.3"),
    ),
}
MEASURE_ONLY = {
    "bounds": "--few 1 --many 2 --rounds 1",
    "channel": "--crowd 2",
    "cards": "--cards 5 --rounds 1",
    "dates": "--rounds 1 --series 10 --words 5",
    "footprint": "--only at-rest --sessions 2 --answers 4 --rounds 1 --seconds 0.5",
    "forgetting": "--answers 200 --times 2",
    "retention": "--answers 300 --each 5",
    "phrases": "--wrong",
    "pictures": "--jellies 1 --at-once 1 --rounds 1",
    "start": "--sessions 2 --answers 4 --rounds 1",
    "wakeup": "--messages 0 100 --rounds 1 --times 5",
}
RUN_OTHERS = {"compare", "repeat"}
"""Tested in ``tests/process``."""
SEED = "7"


@pytest.mark.parametrize(("script", "options"), FOR_A_MINUTE.items(), ids=FOR_A_MINUTE)
def test_for_a_minute_every_promise_is_kept(script: str, options: tuple[str, ...]) -> None:
    ran = run_script(script, *options)
    assert ran.broken == []
    assert ran.exit_code == 0
    assert f"python -m benchmarks.{script} " in ran.output.splitlines()[0]
    assert " --seed " in ran.output.splitlines()[0]


@pytest.mark.parametrize(("script", "options"), MEASURE_ONLY.items(), ids=MEASURE_ONLY)
def test_what_only_measures_prints_its_figures(script: str, options: str) -> None:
    ran = run_script(script, *options.split())
    assert ran.exit_code == 0
    assert re.search(r"^  .* \d[\d.,]*$", ran.output, re.MULTILINE)


def test_every_script_is_run_by_a_test() -> None:
    scripts = {
        file.stem
        for file in (PROJECT / "benchmarks").glob("*.py")
        if '__name__ == "__main__"' in file.read_text("utf-8")
    }
    assert scripts == {*FOR_A_MINUTE, *MEASURE_ONLY, *RUN_OTHERS}


@pytest.mark.parametrize(
    ("how", "script", "options", "found"),
    [
        ("answers changed", "soak", "--minutes 0.1", "acknowledged answers lost: "),
        ("a message twice", "soak", "--minutes 0.1", "messages doubled: 1"),
        ("a message unsent", "soak", "--minutes 0.1", "messages due and not sent: 1"),
        ("nonsense from the gateway", "soak", "--minutes 0.1", "errors in the log: "),
        ("files left open", "soak", "--minutes 0.1", "open files more than at the start: "),
        ("answers changed", "kills", "--kills 1", "seed 7: "),
        ("answers changed amid use", "faults", "--seconds 0.3", "nothing is wrong: lost: "),
        ("acknowledgements lost", "faults", "--seconds 0.5", "nothing is wrong: presses "),
        ("the bot killed", "faults", "--seconds 0.3", "The script failed before "),
        ("fewer requests allowed", "burst", "--reminders 60 --rounds 1", "answered with 429: "),
        ("a message twice", "burst", "--reminders 20 --rounds 1", "messages doubled: 1"),
        ("answers changed", "burst", "--reminders 60 --rounds 1", "lost: "),
        ("fewer requests allowed", "catchup", "--servers 60", "answered with 429: "),
        ("one more seated", "rush", "--members 60 --rounds 1", "more people than seats: 1"),
        ("everybody seated", "seats", "--answers 10 --rounds 1", "6 people have the 5 seats"),
        ("answers changed", "presses", "--presses 30 --rounds 1 --people 7", "not what they "),
        (
            "a message twice",
            "reliability",
            "--kills 0 --seconds 0.3 --reminders 20 --minutes 0.1",
            "burst: messages doubled: 1",
        ),
    ],
)
def test_a_broken_promise_is_found(how: str, script: str, options: str, found: str) -> None:
    ran = run_script(script, *options.split(), "--seed", SEED, how=how)
    assert ran.exit_code == 1
    assert [sentence for sentence in ran.broken if found in sentence] != []
    last = ran.output.splitlines()[-1]
    assert last.startswith(f"draws the same again: python -m benchmarks.{script} ")
    assert f"--seed {SEED}" in last


def test_a_message_that_falls_due_while_the_bot_stops_is_not_taken_for_unsent() -> None:
    ran = run_script("soak", "--minutes", "0.1", how="a message due while it stops")
    assert ran.broken == []
    assert ran.exit_code == 0


def test_an_answer_that_is_noted_in_private_is_not_taken_for_lost() -> None:
    """This happens if a card from before the start is pressed after it, when its button is gone."""
    ran = run_script("soak", "--minutes", "0.2", how="answered in private")
    assert ran.broken == []
    assert ran.exit_code == 0
    [line] = [line for line in ran.output.splitlines() if "in private, on cards" in line]
    assert int(line.split()[-1]) > 0


def test_an_answer_that_is_noted_in_private_and_changed_later_is_lost() -> None:
    options = ("--minutes", "0.1", "--seed", SEED)
    ran = run_script("soak", *options, how="answered in private, and changed")
    assert any("acknowledged answers lost" in sentence for sentence in ran.broken)
