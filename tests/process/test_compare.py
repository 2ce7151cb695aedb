"""``python -m benchmarks.compare`` runs a benchmark in two checkouts and compares its figures."""

from __future__ import annotations

import re
from pathlib import Path

from tests.benchmark_scripts import run_script

BEFORE = r"""
print("\nmedians of 1 rounds of 5 wake-ups, in ms")
print("  undue messages        p50      p99  longest of all")
print("               0  1,000,000  2000000               -")
print("p50 of the fullest, ms: 1000 (goal <= 2.000: NOT REACHED)")
"""


def compare(before: Path) -> tuple[int, str]:
    wake_ups = ["wakeup", "--messages", "0", "--rounds", "1", "--times", "5"]
    ran = run_script("compare", str(before), "--times", "2", "--", *wake_ups)
    return ran.exit_code, ran.output


def checkout(folder: Path, wakeup: str) -> Path:
    (folder / "benchmarks").mkdir()
    (folder / "benchmarks" / "__init__.py").touch()
    (folder / "benchmarks" / "wakeup.py").write_text(wakeup)
    return folder


def test_each_number_of_a_table_is_compared_with_the_other_checkout(tmp_path: Path) -> None:
    code, said = compare(checkout(tmp_path, BEFORE))
    assert code == 0
    rows = re.findall(r"table 1, 0 +(\S+) +(\S+) +(\S+) +(\S+)", said)
    assert [row[:2] for row in rows] == [("p50", "1000000"), ("p99", "2000000")]
    for _, before, after, ratio in rows:
        assert 0 < float(after) < float(before)
        assert float(ratio) < 1


def test_a_run_that_fails_is_shown_and_ends_with_1(tmp_path: Path) -> None:
    code, said = compare(checkout(tmp_path, "raise SystemExit('no such option')"))
    assert code == 1
    assert f"in {tmp_path}" in said
    assert "no such option" in said
