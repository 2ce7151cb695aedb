"""Run tiers of the tests and end with one line that counts: ``python -m tests unit server``.

Without names, every tier; with ``--full``, property tests draw all their examples. The tier
``pseudo`` is the server tier in a made-up language (``tests/pseudo_language.py``). The load tier
runs by itself, one test at a time: what it asks of the machine is for one test alone.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
TIERS = ("unit", "server", "process", "pseudo", "load")
ALONE = {"pseudo": ["--pseudo-language"], "load": ["-n0"]}
"""The tiers that run by themselves, and how."""
FOLDERS = {"pseudo": "server"}
"""The folders that are not named as their tier."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__.splitlines()[0])
    parser.add_argument("tiers", nargs="*", metavar="TIER", help=f"of {', '.join(TIERS)}")
    parser.add_argument("--full", action="store_true", help="all examples of property tests")
    asked = parser.parse_args()
    if unknown := set(asked.tiers) - set(TIERS):
        parser.error(f"there is no tier {min(unknown)}")
    chosen = [tier for tier in TIERS if tier in (asked.tiers or TIERS)]
    profile = [f"--hypothesis-profile={'full' if asked.full else 'quick'}"]
    together = [tier for tier in chosen if tier not in ALONE]
    runs = [(together, profile)] if together else []
    runs += [([tier], [*profile, *ALONE[tier]]) for tier in chosen if tier in ALONE]
    started_at, counts, failed = time.monotonic(), Counter[str](), False
    for tiers, options in runs:
        code, counted = _run([f"tests/{FOLDERS.get(tier, tier)}" for tier in tiers], options)
        counts += counted
        failed = failed or code != 0
    seconds = time.monotonic() - started_at
    print(
        f"{', '.join(chosen)}: {counts['passed']} passed, {counts['failed']} failed, "
        f"{counts['skipped']} skipped in {seconds:.0f} s"
    )
    return 1 if failed else 0


def _run(paths: Sequence[str], options: Sequence[str]) -> tuple[int, Counter[str]]:
    """Run pytest on these paths; return its exit code and how many tests ended how."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        code = subprocess.run(
            [sys.executable, "-m", "pytest", f"--junitxml={report}", *options, *paths],
            cwd=ROOT,
            check=False,
        ).returncode
        return code, _count(report) if report.exists() else Counter()


def _count(report: Path) -> Counter[str]:
    """Tests by outcome; one that fails and then also in its teardown counts once."""
    outcomes: dict[tuple[str | None, str | None], str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        key = case.get("classname"), case.get("name")
        found = {part.tag for part in case}
        if found & {"failure", "error"}:
            outcomes[key] = "failed"
        else:
            outcomes.setdefault(key, "skipped" if "skipped" in found else "passed")
    return Counter(outcomes.values())


if __name__ == "__main__":
    sys.exit(main())
