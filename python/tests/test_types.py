"""The types that the package tells of are right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import undersong

PACKAGE = Path(undersong.__file__).parent


def run(*arguments: str) -> None:
    outcome = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_package_is_typed_without_a_hole(tmp_path: Path) -> None:
    assert (PACKAGE / "py.typed").is_file()
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = True\nfollow_imports = silent\npython_version = 3.11\ncache_dir = " + str(tmp_path / "cache") + "\n[mypy-pandas.*,pyarrow.*]\nignore_missing_imports = True\n")
    run("mypy", "--config-file", str(config), "-p", "undersong")


def test_the_stubs_of_the_native_half_are_those_of_what_is_there(tmp_path: Path) -> None:
    allowed = tmp_path / "allowed.txt"
    # What PyO3 adds to each module and class.
    allowed.write_text("undersong\\._native\\.__all__\nundersong\\._native\\.(Analyzer|Stream)\\.__(init|new)__\n")
    run("mypy.stubtest", "undersong._native", "--allowlist", str(allowed), "--ignore-unused-allowlist")


def test_a_users_program_is_checked_by_them(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import numpy as np\nimport undersong\n"
        "scan: undersong.Scan = undersong.Analyzer(jobs=1).scan(np.zeros(16000), 16000)\n"
        "label: str = scan.labels[0]\n"
        "frames: int = undersong.mfcc('take.wav').shape[0]\n"
    )
    run("mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(program))
    program.write_text("import undersong\nundersong.Analyzer(jobs='two')\n")
    outcome = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), str(program)], capture_output=True, text=True)
    assert 'expected "int | None"' in outcome.stdout
