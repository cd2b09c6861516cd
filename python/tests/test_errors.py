"""Bad input: a clear exception with a code, never a panic, and the rest goes on."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, SAMPLE

import undersong
from undersong import errors

SECOND = np.zeros(16_000, np.float32)
NAN = SECOND.copy()
NAN[8_000] = np.nan

#: What is passed, the exception's class, its code, and what its message says.
WRONG: list[tuple[Callable[[undersong.Analyzer], Any], type[undersong.UndersongError], str, str]] = [
    (lambda a: a.scan(SECOND), undersong.SoundError, "rate", "rate=16000"),
    (lambda a: a.scan(SECOND, 0), undersong.SoundError, "rate", "is 0"),
    (lambda a: a.scan(SECOND, -1), undersong.SoundError, "rate", "8000"),
    (lambda a: a.scan(SECOND, 2**70), undersong.SoundError, "rate", "384000"),
    (lambda a: a.scan(SECOND, 16_000.5), undersong.SoundError, "rate", "whole"),
    (lambda a: a.scan(SECOND, "16000"), undersong.SoundError, "rate", "'16000'"),
    (lambda a: a.scan(SECOND, float("nan")), undersong.SoundError, "rate", "nan"),
    (lambda a: a.scan(SAMPLE, 16_000), undersong.SoundError, "rate", "own"),
    (lambda a: a.scan(NAN, 16_000), undersong.SoundError, "not_finite", "0.500 s is NaN"),
    (lambda a: a.scan(SECOND + np.inf, 16_000), undersong.SoundError, "not_finite", "inf"),
    (lambda a: a.scan(SECOND.astype(np.float64) + 1e300, 16_000), undersong.SoundError, "not_finite", "inf"),
    (lambda a: a.scan(np.zeros((100, 9), np.float32), 16_000), undersong.SoundError, "channels", "9 channels"),
    (lambda a: a.scan(np.zeros((2, 16_000), np.float32), 16_000), undersong.SoundError, "channels", "array.T"),
    (lambda a: a.scan(np.zeros((100, 0), np.float32), 16_000), undersong.SoundError, "channels", "0 channels"),
    (lambda a: a.scan(np.zeros((4, 4, 4), np.float32), 16_000), undersong.SoundError, "shape", "3 dimensions"),
    (lambda a: a.scan(np.float32(1), 16_000), undersong.SoundError, "shape", "0 dimensions"),
    (lambda a: a.scan(np.zeros(0, np.float32), 16_000), undersong.SoundError, "empty", "no samples"),
    (lambda a: a.scan(SECOND[:100], 16_000), undersong.SoundError, "unreadable", "100 ms"),
    (lambda a: a.scan(SECOND.astype(complex), 16_000), undersong.SoundError, "dtype", "complex"),
    (lambda a: a.scan(SECOND.astype(np.int64), 16_000), undersong.SoundError, "dtype", "int64"),
    (lambda a: a.scan(["a", "b"], 16_000), undersong.SoundError, "dtype", "U1"),
    (lambda a: a.scan(None, 16_000), undersong.SoundError, "dtype", "NoneType"),
    (lambda a: a.scan(b"\0\0" * 16_000, 16_000), undersong.SoundError, "dtype", "np.frombuffer"),
    (lambda a: a.scan("missing.wav"), undersong.SoundError, "unreadable", "no such file"),
    (lambda a: a.scan(ROOT), undersong.SoundError, "unreadable", "folder"),
    (lambda a: a.scan(ROOT / "README.md"), undersong.SoundError, "unreadable", "not a sound file"),
    (lambda a: a.scan_files("take.wav"), undersong.SettingError, "rows", "one path"),
    (lambda a: a.stream(0), undersong.SoundError, "rate", "is 0"),
    (lambda a: a.stream(channels=9), undersong.SoundError, "channels", "9"),
    (lambda a: a.stream(channels=0), undersong.SoundError, "channels", "0"),
    (lambda a: a.stream(hop=0), undersong.SettingError, "hop", "0.02"),
    (lambda a: a.stream(hop="soon"), undersong.SettingError, "hop", "soon"),
    (lambda a: a.stream(smoothing=3), undersong.SettingError, "smoothing", "2 s"),
    (lambda a: a.stream(smoothing=float("inf")), undersong.SettingError, "smoothing", "inf"),
    (lambda a: a.stream(pace="fast"), undersong.SettingError, "pace", "offline"),
    (lambda a: undersong.mfcc(NAN, 16_000), undersong.SoundError, "not_finite", "NaN"),
    (lambda a: undersong.mfcc(SECOND, 7_999), undersong.SoundError, "rate", "7999"),
    (lambda a: undersong.log_mel("missing.wav"), undersong.SoundError, "unreadable", "missing.wav"),
    (lambda a: a.features(SECOND), undersong.SoundError, "rate", "rate"),
    (lambda a: undersong.Analyzer("missing.onnx"), undersong.ModelError, "model_not_found", "missing.onnx"),
    (lambda a: undersong.Analyzer(ROOT / "README.md"), undersong.ModelError, "model_unusable", "ONNX"),
    (lambda a: undersong.Analyzer(profile="missing.json"), undersong.ModelError, "profile_unusable", "calibrate"),
    (lambda a: undersong.Analyzer(profile=ROOT / "README.md"), undersong.ModelError, "profile_unusable", "profile"),
    (lambda a: undersong.Analyzer(engine="magic"), undersong.SettingError, "engine", "builtin"),
    (lambda a: undersong.Analyzer(engine="cpu", runtime="/nowhere"), undersong.EngineError, "engine_unusable", "/nowhere"),
    (lambda a: undersong.Analyzer(hop=-1), undersong.SettingError, "hop", "-1"),
    (lambda a: undersong.Analyzer(hop=None), undersong.SettingError, "hop", "None"),
    (lambda a: undersong.Analyzer(priors="hungry=2"), undersong.SettingError, "priors", "hungry"),
    (lambda a: undersong.Analyzer(priors={"happy": -1}), undersong.SettingError, "priors", "happy"),
    (lambda a: undersong.Analyzer(loudness_target=3), undersong.SettingError, "loudness_target", "-60 to 0"),
    (lambda a: undersong.Analyzer(loudness_target="loud"), undersong.SettingError, "loudness_target", "'loud'"),
    (lambda a: undersong.Analyzer(jobs=0), undersong.SettingError, "jobs", "0"),
    (lambda a: undersong.Analyzer(jobs=True), undersong.SettingError, "jobs", "True"),
    (lambda a: undersong.scan_dataset([1]), undersong.SettingError, "rows", "list"),
    (lambda a: undersong.scan_dataset({"name": ["x"]}), undersong.SettingError, "rows", "name"),
    (lambda a: undersong.scan_dataset({"path": []}, rows="frames"), undersong.SettingError, "rows", "frames"),
    (lambda a: undersong.scan_dataset({"path": []}, keep=["show"]), undersong.SettingError, "rows", "show"),
]


@pytest.mark.parametrize(("wrong", "kind", "code", "says"), WRONG)
def test_what_is_wrong_is_said(
    builtin: undersong.Analyzer, wrong: Callable[[undersong.Analyzer], Any], kind: type[undersong.UndersongError], code: str, says: str
) -> None:
    with pytest.raises(undersong.UndersongError) as told:
        wrong(builtin)
    assert type(told.value) is kind and told.value.code == code
    assert says in str(told.value), told.value
    again = pickle.loads(pickle.dumps(told.value))
    assert type(again) is kind and again.code == code and str(again) == str(told.value)


def test_the_analyzer_works_after_all_that(builtin: undersong.Analyzer) -> None:
    assert builtin.scan(SAMPLE).windows


def test_every_code_is_documented() -> None:
    documented = set(re.findall(r"``(\w+)``", errors.__doc__ or ""))
    sources = [*(ROOT / "python/src").glob("*.rs"), *(ROOT / "python/undersong").glob("*.py")]
    used = set()
    for source in sources:
        text = source.read_text()
        if source.suffix == ".rs":
            used |= set(re.findall(r'Self::new\(\s*"\w+",\s*"(\w+)"', text)) | set(re.findall(r'=> "(\w+)",', text))
        else:
            places = {**dict.fromkeys(dir(errors), 1), "seconds": 2, "number": 2, "whole": 4}
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and (place := places.get(getattr(node.func, "id", ""))) is not None and len(node.args) > place:
                    code = node.args[place]
                    # What is passed on is a constant further out.
                    if isinstance(code, ast.Constant):
                        used.add(code.value)
    assert len(used) > 20 and used <= documented, used - documented


def test_errors_are_pythons_own_too() -> None:
    assert issubclass(undersong.SoundError, ValueError) and issubclass(undersong.StreamError, RuntimeError)


def test_a_gpu_that_is_not_there_is_a_warning() -> None:
    if Path("/dev/nvidia0").exists():
        pytest.skip("there is one")
    with pytest.warns(RuntimeWarning, match="cuda"):
        undersong.Analyzer(engine="cuda")


def test_nonsense_of_any_kind_raises_what_python_or_undersong_raises(builtin: undersong.Analyzer) -> None:
    """A panic would be a `PanicException`, which is no `Exception`."""
    random = np.random.default_rng(7)
    nonsense: list[Any] = [
        None, True, -1, 2**63, 1e308, float("nan"), "", "\0", "\ud800", b"", b"\xff", object(), [], {}, [[]], [[1.0], [2.0, 3.0]], np.datetime64("now"),
        np.zeros((0, 3)), np.zeros((3, 0)), np.array(["x"]), np.array([None]), np.zeros(5, [("a", "f4")]), np.ma.masked_array([1.0], [True]), range(5), lambda: 0,
    ]  # fmt: skip
    stream = builtin.stream()
    calls: list[Callable[..., Any]] = [
        builtin.scan, lambda x, y: builtin.scan(x, rate=y), lambda x, y: builtin.scan(SECOND, y, name=x), builtin.features, undersong.mfcc, undersong.log_mel,
        lambda x, y: builtin.stream(x, channels=y), lambda x, y: builtin.stream(hop=x, smoothing=y), lambda x, y: stream.push(x), lambda x, y: builtin.scan_files(x),
        lambda x, y: undersong.Analyzer(x, hop=y), lambda x, y: undersong.Analyzer(priors=x, jobs=y), lambda x, y: undersong.Analyzer(engine=x, profile=y),
        lambda x, y: undersong.scan_dataset({"audio": [x], "rate": [y]}), lambda x, y: undersong.scan_dataset(x, rows=y), lambda x, y: undersong.scan_dataset({"bytes": [x]}),
    ]  # fmt: skip
    for call in calls:
        for first in nonsense:
            second = nonsense[random.integers(len(nonsense))]
            try:
                call(first, second)
            except Exception as error:
                assert "internal" not in getattr(error, "code", ""), (call, first, second)
