"""Sounds and the command, for all tests."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import undersong

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "cli/samples/take.flac"
DATA = ROOT.parent / "shared/data"
# The tests know which runtime they get: that of this Python.
os.environ.pop("UNDERSONG_ORT", None)


def command(*arguments: str, **options: Any) -> bytes:
    """What `undersong` prints; the tests hold Python against it."""
    program = os.environ.get("UNDERSONG_COMMAND", str(ROOT / "target/release/undersong"))
    return subprocess.run([program, *arguments], check=True, capture_output=True, **options).stdout


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    """It is the wheel that is tested, not the source tree, which has no native half."""
    assert "site-packages" in undersong.__file__


@pytest.fixture(scope="session")
def analyzer() -> undersong.Analyzer:
    return undersong.Analyzer()


@pytest.fixture(scope="session")
def builtin() -> undersong.Analyzer:
    return undersong.Analyzer(engine="builtin")


@pytest.fixture(scope="session")
def sample() -> tuple[np.ndarray, int]:
    """The sample take as float32, mono."""
    sound, rate = soundfile.read(SAMPLE, dtype="float32")
    return sound, rate


@pytest.fixture(scope="session")
def ravdess() -> Path:
    """A clip of RAVDESS, an actor who sounds angry."""
    clips = sorted((DATA / "ravdess").glob("Actor_*/03-01-05-02-01-01-*.flac"))
    if not clips:
        pytest.skip("RAVDESS is not at ../shared/data")
    return clips[0]


def pcm(path: Path, silence_seconds: float = 1.0) -> tuple[bytes, int]:
    """A file as s16le, mono, with silence behind it, and its rate: what voice pipelines have."""
    sound, rate = soundfile.read(path, dtype="int16", always_2d=True)
    mono = sound.mean(axis=1).astype("<i2")
    return mono.tobytes() + bytes(2 * int(rate * silence_seconds)), rate


def chunks(data: bytes, rate: int, seconds: float = 0.02) -> list[bytes]:
    """Frames as they come from a microphone."""
    size = 2 * int(rate * seconds)
    return [data[at : at + size] for at in range(0, len(data), size)]
