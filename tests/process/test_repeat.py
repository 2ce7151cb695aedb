"""``python -m benchmarks.repeat`` reports how often a command passed, and keeps failed output."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.benchmark_scripts import run_script

# Counts its runs in a file, and says how many processes run beside it with the same parent.
COMMAND = """
import os, pathlib, sys
counted = pathlib.Path(sys.argv[1])
number = int(counted.read_text()) + 1 if counted.exists() else 1
counted.write_text(str(number))
parent = pathlib.Path(f"/proc/{os.getppid()}")
children = (parent / "task" / parent.name / "children").read_text().split()
print(f"run {number} beside {len(children) - 1}")
sys.exit(3 if str(number) in sys.argv[2:] else 0)
"""


def repeat(tmp_path: Path, times: int, busy: int, *red: int) -> tuple[int, str]:
    command = [sys.executable, "-c", COMMAND, str(tmp_path / "counted"), *map(str, red)]
    options = ["--times", str(times), "--busy", str(busy), "--folder", str(tmp_path / "kept")]
    ran = run_script("repeat", *options, "--", *command)
    return ran.exit_code, ran.output


def test_it_ends_with_0_if_all_were_green(tmp_path: Path) -> None:
    code, said = repeat(tmp_path, 3, 0)
    assert code == 0
    assert "green 3 times of 3" in said
    assert re.search(r"quiet +3 +3 +\d", said)
    assert " busy " not in said
    assert list((tmp_path / "kept").iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux to count processes")
def test_a_red_run_is_kept_and_ends_with_1(tmp_path: Path) -> None:
    code, said = repeat(tmp_path, 5, 2, 2, 5)
    assert code == 1
    assert "green 3 times of 5" in said
    kept = tmp_path / "kept"
    assert sorted(file.name for file in kept.iterdir()) == ["run-002.txt", "run-005.txt"]
    assert f"RED, with 3: {kept / 'run-002.txt'}" in said
    # Of five runs the third and the fifth have two loops beside them.
    assert (kept / "run-002.txt").read_text("utf-8") == "run 2 beside 0\n"
    assert (kept / "run-005.txt").read_text("utf-8") == "run 5 beside 2\n"
    assert re.findall(r"^(\d) of 5, busy", said, re.MULTILINE) == ["3", "5"]
    assert re.search(r"quiet +3 +2 +\d", said)
    assert re.search(r"busy +2 +1 +\d", said)
