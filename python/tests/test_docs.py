"""Every example of the manuals runs."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, SAMPLE, chunks, pcm

import undersong

MANUALS = ["README.md", "docs/python.md", "docs/at-scale.md"]


def blocks(manual: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / manual).read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("manual", MANUALS)
def test_the_python_examples_run_as_they_stand_one_after_another(manual: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(SAMPLE, "take.flac")
    (tmp_path / "takes").mkdir()
    shutil.copy(SAMPLE, "takes/one.flac")
    (tmp_path / "takes/broken.flac").write_bytes(b"no sound")
    data, rate = pcm(SAMPLE)
    names: dict[str, Any] = {"__name__": "example", "chunks": [np.frombuffer(chunk, "<i2") for chunk in chunks(data, rate)]}
    examples = blocks(manual, "python")
    if manual == "README.md":
        # The client of `undersong serve` is run by that command's tests.
        examples = [example for example in examples if "import undersong" in example]
    assert examples
    for number, example in enumerate(examples):
        exec(compile(example, f"{manual}, example {number + 1}", "exec"), names)
    printed = capsys.readouterr().out
    if manual == "docs/python.md":
        assert re.search(r"^\d+ \d+ \w+ 0\.\d+$", printed, re.MULTILINE), printed  # the stream's utterances
        assert "closed the stream" in printed and "broken.flac" in printed and "rate" in printed
        hear(names, data, rate)
        assert "the user sounds" in capsys.readouterr().out


def hear(names: dict[str, Any], data: bytes, rate: int) -> None:
    """The classes of the examples for voice agents, in a pipeline and a session."""
    from livekit_fakes import Answerer, Recogniser, converse
    from pipecat.frames.frames import InputAudioRawFrame
    from pipecat.tests.utils import run_test

    sent = [InputAudioRawFrame(audio=chunk, sample_rate=rate, num_channels=1) for chunk in chunks(data, rate)]
    asyncio.run(run_test(names["pipeline"], frames_to_send=sent))

    async def call() -> Any:
        answerer = Answerer()
        await converse(names["Receptionist"](), data[: 2 * 4 * rate], rate, Recogniser(), answerer)
        return answerer

    assert asyncio.run(call()).asked


def test_the_commands_of_the_manual_are_those_that_ci_runs() -> None:
    script = (ROOT / ".ci/test-python").read_text()
    for manual in ("docs/python.md", "docs/at-scale.md"):
        for block in blocks(manual, "sh"):
            for line in block.splitlines():
                wanted = line.removeprefix("python -m pip install ").strip()
                assert wanted in script or wanted in (ROOT / "python/tests/requirements.txt").read_text() or "#" in line, line


def test_the_manual_names_what_there_is() -> None:
    text = (ROOT / "docs/python.md").read_text()
    for name in undersong.__all__:
        if name.startswith("__") or name in ("InternalError", "EngineError", "ModelError", "SettingError", "Stream", "Scan", "dataset_columns", "spark_schema"):
            continue
        assert name in text, name
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / "docs" / link).exists(), link
