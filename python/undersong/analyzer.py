"""`Analyzer`: a model and what runs it, opened once; scans, streams and features come from it."""

from __future__ import annotations

import importlib.util
import json
import os
import threading
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from undersong import _native
from undersong._sound import Sound, Taken, number, rate_hz, seconds, take, whole
from undersong.errors import SettingError, SoundError
from undersong.result import Scan
from undersong.stream import Stream

#: Most takes listened to at the same time.
MAX_JOBS = 256


class Analyzer:
    """A model and an engine.

    Opening takes some hundredths of a second, so keep it. Any number of threads may use one at once; pickled, it travels as its settings and is opened
    anew where it arrives, and so it is in a forked process.

    :param model: a model file; left out, the built-in ``undersong-8``.
    :param engine: ``"auto"`` (ONNX Runtime if there is one, else the built-in engine), ``"cpu"``, ``"cuda"`` or ``"builtin"``.
    :param profile: a speaker's profile, made by ``undersong calibrate``.
    :param runtime: ONNX Runtime's library or a folder with it. Left out, the package ``onnxruntime`` of this Python is looked at first, then where
        ``undersong`` looks.
    :param hop: seconds from one window to the next, 0.02 to 60.
    :param priors: how much likelier than in the training each emotion is in your sound: ``{"happy": 2, "sad": 0.5}``, or as the command has it.
    :param jobs: takes worked on at the same time; left out, one per processor. The result is the same for any number.
    :param loudness_target: how loud the takes are meant to be, in LUFS, -60 to 0; a scan tells the distance to it. Broadcasters ask for -23.
    :raises ModelError, EngineError, SettingError:
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        engine: str = "auto",
        profile: str | os.PathLike[str] | None = None,
        runtime: str | os.PathLike[str] | None = None,
        hop: float = 0.25,
        priors: str | Mapping[str, float] | None = None,
        jobs: int | None = None,
        loudness_target: float = -16.0,
    ) -> None:
        self._settings: dict[str, Any] = {
            "model": None if model is None else os.fspath(model),
            "engine": str(engine),
            "profile": None if profile is None else os.fspath(profile),
            "runtime": None if runtime is None else os.fspath(runtime),
            "hop": seconds(hop, "hop", "hop"),
            "priors": _priors(priors),
            "jobs": None if jobs is None else whole(jobs, "jobs", 1, MAX_JOBS, "jobs"),
            "loudness_target": number(loudness_target, "loudness_target", "loudness_target", "LUFS, such as -16 or -23"),
        }
        self._opening = threading.Lock()
        self._opened = self._open()
        self._process = os.getpid()
        warning = self._opened.engine_warning()
        if warning is not None:
            warnings.warn(warning, RuntimeWarning, stacklevel=2)

    def scan(self, sound: Sound, rate: int | None = None, *, name: str | None = None) -> Scan:
        """Scans one take.

        :param sound: a file, or an array ``[frames]`` or ``[frames, channels]``; float32 in C order is read in place, other floats and 8, 16 and 32 bit
            whole numbers are converted.
        :param rate: an array's samples per second, 8,000 to 384,000.
        :param name: what an array is called in the result.
        :raises SoundError: if it cannot be scanned.
        """
        scan = Scan(self._core.scan([take(sound, rate, name)], True, True))
        for failure in scan.failed:
            raise SoundError(failure["error"], "unreadable")
        return scan

    def scan_files(self, paths: Iterable[str | os.PathLike[str]]) -> Scan:
        """Scans many files, :attr:`jobs` at a time; what cannot be scanned stands in the result's ``failed``, and the rest is scanned.

        The files as they are named: folders and patterns are ``pathlib``'s affair, as in ``scan_files(Path("takes").rglob("*.wav"))``.
        """
        if isinstance(paths, (str, os.PathLike)):
            raise SettingError(f"{paths!r} is one path; expected a list of them, or `scan`", "rows")
        return self._scan([take(path, None, None) for path in paths])

    def stream(
        self, rate: int = 16_000, *, channels: int = 1, hop: float | None = None, smoothing: float = 0.0, pace: str = "offline"
    ) -> Stream:
        """Opens a stream: push sound, get events, the same as ``undersong stream`` writes.

        :param rate: samples per second, 8,000 to 384,000.
        :param channels: 1 to 8; their mean is listened to.
        :param hop: seconds from one update to the next; left out, the analyzer's.
        :param smoothing: seconds in which an update's scores follow a change, 0 to 2.
        :param pace: ``"offline"``: a push waits for its analysis, so that its events are there at once and depend on the sound alone. ``"live"``: it never
            waits; events come with later calls, and sound that cannot be analysed in time is dropped and told of.
        """
        if pace not in ("offline", "live"):
            raise SettingError(f"pace is {pace!r}; expected 'offline' or 'live'", "pace")
        count = whole(channels, "channels", 1, 8, "channels", SoundError)
        hop_seconds = self._settings["hop"] if hop is None else seconds(hop, "hop", "hop")
        native = self._core.stream(rate_hz(rate), count, hop_seconds, seconds(smoothing, "smoothing", "smoothing"), pace == "live")
        return Stream(native, rate_hz(rate), count)

    def features(self, sound: Sound, rate: int | None = None) -> NDArray[np.float32]:
        """What this model sees of a sound before it is cut into windows and normalised: ``[frames, coefficients]``, as ``undersong features --config model``."""
        return self._core.features(take(sound, rate, None))

    @property
    def labels(self) -> list[str]:
        """The emotions, in the order of the scores."""
        return self._core.labels()

    @property
    def model(self) -> dict[str, Any]:
        """What the model file says of itself: emotions, features, calibration, training, licence, quality; as ``undersong model --json``."""
        described: dict[str, Any] = json.loads(self._core.model())
        return described

    @property
    def engine(self) -> str:
        """What runs the network, such as ``ONNX Runtime 1.32.0, CPU``."""
        return self._core.engine()

    @property
    def engine_report(self) -> str:
        """The same with why it was chosen, and why not a better one."""
        return self._core.engine_report()

    @property
    def jobs(self) -> int | None:
        """Takes worked on at the same time; None is one per processor."""
        jobs: int | None = self._settings["jobs"]
        return jobs

    def __repr__(self) -> str:
        return f"<undersong.Analyzer: {self.model['metadata']['name']}, {self.engine}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._settings,)

    def _scan(self, taken: list[Taken], delivery: bool = True) -> Scan:
        return Scan(self._core.scan(taken, False, delivery))

    def _open(self) -> _native.Analyzer:
        settings = self._settings
        runtime = settings["runtime"] or _own_runtime()
        return _native.Analyzer(
            settings["model"],
            settings["profile"],
            settings["engine"],
            runtime,
            settings["hop"],
            settings["priors"],
            settings["jobs"] or 0,
            settings["loudness_target"],
        )

    @property
    def _core(self) -> _native.Analyzer:
        # Locks that another thread of the parent held at the fork would never open here.
        if self._process != os.getpid():
            self._opening = threading.Lock()
            with self._opening:
                self._opened, self._process = self._open(), os.getpid()
        return self._opened


#: Analyzers that came pickled, or that batches share: a process opens each once.
_shared: dict[tuple[tuple[str, Any], ...], Analyzer] = {}


def _again(settings: dict[str, Any]) -> Analyzer:
    key = tuple(sorted(settings.items()))
    analyzer = _shared.get(key)
    if analyzer is None:
        analyzer = Analyzer(settings["model"], **{name: value for name, value in settings.items() if name != "model"})
        # Two threads may both have opened one; the first is kept.
        analyzer = _shared.setdefault(key, analyzer)
    return analyzer


def for_batches() -> Analyzer:
    """The built-in model, one take at a time: the engines of a cluster run a batch on each processor by themselves."""
    settings = dict.fromkeys(("model", "profile", "runtime", "priors"))
    return _again({**settings, "engine": "auto", "hop": 0.25, "jobs": 1})


def _priors(priors: str | Mapping[str, float] | None) -> str | None:
    if isinstance(priors, Mapping):
        return ",".join(f"{name}={factor}" for name, factor in priors.items())
    return None if priors is None else str(priors)


def _own_runtime() -> str | None:
    """The ONNX Runtime of this Python, unless the user's variable names one. The package itself is not imported."""
    if os.environ.get("UNDERSONG_ORT"):
        return None
    try:
        found = importlib.util.find_spec("onnxruntime")
    except (ImportError, ValueError):
        return None
    for folder in (found.submodule_search_locations or []) if found else []:
        capi = Path(folder) / "capi"
        if any(capi.glob("*onnxruntime.*")):
            return str(capi)
    return None
