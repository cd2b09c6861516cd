"""`Scan`: what a scan gives. Its JSON is the command's; dictionaries and frames are made of it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from undersong.errors import SettingError

if TYPE_CHECKING:
    import pandas


#: Measures of the voice that windows and takes share.
MEASURES = ("level_db", "pitch_hz", "melody_semitones", "syllables_per_second", "brightness_db")


class Scan:
    """Takes, each with its windows and its summary; fields are those of ``core/schema/scan.schema.json``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._dict: dict[str, Any] | None = None

    @property
    def takes(self) -> list[dict[str, Any]]:
        """The takes: ``path``, ``seconds``, ``summary`` and ``windows`` of each."""
        takes: list[dict[str, Any]] = self._parsed()["takes"]
        return takes

    @property
    def failed(self) -> list[dict[str, str]]:
        """What could not be scanned: ``path`` and ``error``."""
        failed: list[dict[str, str]] = self._parsed()["failed"]
        return failed

    @property
    def windows(self) -> list[dict[str, Any]]:
        """The windows of all takes, in their order. Without voice there are no scores."""
        return [window for take in self.takes for window in take["windows"]]

    @property
    def summary(self) -> dict[str, Any]:
        """The only take as a whole: emotion, scores, valence, arousal, confidence, unsure, shares, moments, transitions.

        :raises ValueError: if there is not one take; each of :attr:`takes` has its own.
        """
        if len(self.takes) != 1:
            raise ValueError(f"a summary is one take's, and this scan has {len(self.takes)}; use `[take['summary'] for take in scan.takes]`")
        summary: dict[str, Any] = self.takes[0]["summary"]
        return summary

    @property
    def labels(self) -> list[str]:
        """The emotions, in the order of the scores."""
        labels: list[str] = self._parsed()["model"]["labels"]
        return labels

    def to_json(self) -> str:
        """The text that ``undersong scan --json`` writes."""
        return self._text

    def to_dict(self) -> dict[str, Any]:
        """The same as a dictionary of your own."""
        parsed: dict[str, Any] = json.loads(self._text)
        return parsed

    def to_pandas(self, rows: str = "windows") -> pandas.DataFrame:
        """A frame indexed by (file, start, end), as audEERING's tools index segments: file a string, start and end ``Timedelta``.

        Columns: ``emotion`` (the leading one), a column for each emotion's score, ``valence``, ``arousal``, ``confidence``, ``unsure``, and of the
        delivery ``loudness_lufs`` (of takes the integrated loudness), ``level_db``, ``pitch_hz``, ``melody_semitones``, ``syllables_per_second`` and
        ``brightness_db``. Where there is no voice, the emotion and its numbers are missing, and so is any measure for which there is too little voice.

        :param rows: ``"windows"``, which overlap, or ``"takes"``, one row for each take as a whole.
        :raises ImportError: without pandas.
        """
        import pandas

        if rows == "windows":
            readings = [(take, window["start_seconds"], window["end_seconds"], window) for take in self.takes for window in take["windows"]]
        elif rows == "takes":
            readings = [(take, 0.0, take["seconds"], take["summary"]) for take in self.takes]
        else:
            raise SettingError(f"rows is {rows!r}; expected 'windows' or 'takes'", "rows")

        def numbers(values: list[Any]) -> Any:
            return np.array([math.nan if value is None else value for value in values], dtype=np.float32)

        def times(values: list[float]) -> Any:
            return pandas.to_timedelta(pandas.Series(values, dtype="float64"), unit="s").astype("timedelta64[ns]")

        index = pandas.MultiIndex.from_arrays(
            [
                pandas.Index([take["path"] for take, *_ in readings], dtype="string"),
                times([start for _, start, _, _ in readings]),
                times([end for _, _, end, _ in readings]),
            ],
            names=["file", "start", "end"],
        )
        columns: dict[str, Any] = {"emotion": pandas.Categorical([leading(reading) for *_, reading in readings], categories=self.labels)}
        for label in self.labels:
            columns[label] = numbers([reading["scores"] and reading["scores"][label] for *_, reading in readings])
        for name in ("valence", "arousal", "confidence"):
            columns[name] = numbers([reading[name] for *_, reading in readings])
        columns["unsure"] = [bool(reading["unsure"]) for *_, reading in readings]
        delivered = [reading["delivery"] or {} for *_, reading in readings]
        columns["loudness_lufs"] = numbers([it.get("loudness_lufs", it.get("loudness", {}).get("integrated_lufs")) for it in delivered])
        for name in MEASURES:
            columns[name] = numbers([it.get(name) for it in delivered])
        return pandas.DataFrame(columns, index=index)

    def __repr__(self) -> str:
        return f"<undersong.Scan: {len(self.takes)} takes, {len(self.windows)} windows, {len(self.failed)} failed>"

    def __getstate__(self) -> str:
        return self._text

    def __setstate__(self, text: str) -> None:
        self.__init__(text)  # type: ignore[misc]

    def _parsed(self) -> dict[str, Any]:
        if self._dict is None:
            self._dict = self.to_dict()
        return self._dict


def leading(reading: dict[str, Any]) -> str | None:
    """The emotion that leads; the first of equals. None without voice."""
    scores: dict[str, float] | None = reading["scores"]
    return max(scores, key=scores.__getitem__) if scores else None
