"""`scan_dataset`: batches of takes in, batches of results out, for engines that spread work over machines.

It is a plain function: Ray Data's ``map_batches``, Dask's ``map_partitions`` and Spark's ``mapInPandas`` call it as it is.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from undersong._sound import Taken, take
from undersong.analyzer import Analyzer, for_batches
from undersong.errors import SettingError, UndersongError
from undersong.result import leading

Batch = TypeVar("Batch")


def scan_dataset(
    batch: Batch,
    *,
    analyzer: Analyzer | None = None,
    rows: str = "takes",
    path: str = "path",
    audio: str = "audio",
    rate: str | int = "rate",
    content: str = "bytes",
    keep: Sequence[str] = (),
) -> Batch:
    """Scans the takes of a batch: one row in, one row (or one for each window) out, as :func:`dataset_columns` says.

    A take that cannot be scanned has its reason in ``error`` and no scores; the rest is scanned.

    :param batch: a dictionary of columns, a pandas ``DataFrame`` or a pyarrow ``Table``; the result is of the same kind. Its takes are, whichever column
        there is first: samples (column `audio`, with their sample rate in column `rate`), the bytes of files (column `content`), or the paths of files
        (column `path`, which otherwise only names them).
    :param analyzer: left out, the built-in model with one job; each process opens it once.
    :param rows: ``"takes"`` or ``"windows"``.
    :param rate: a column, or the rate of all.
    :param keep: columns to pass on.
    :raises SettingError: if no column has takes.
    """
    kind = _Kind.of(batch)
    analyzer = for_batches() if analyzer is None else analyzer
    names = kind.names()
    missing = [name for name in keep if name not in names]
    if missing:
        raise SettingError(f"no column {missing[0]!r} to keep; the batch has {', '.join(names) or 'no columns'}", "rows")
    columns = _Columns(analyzer, rows)
    with tempfile.TemporaryDirectory(prefix="undersong-") as folder:
        takes = _takes(kind, path, audio, rate, content, folder)
        results = _results(analyzer, takes)
        kept = {name: kind.values(name) for name in keep}
        for row, (name, result) in enumerate(zip((name for name, _ in takes), results)):
            columns.add(name, result, {column: values[row] for column, values in kept.items()})
    made: Batch = kind.make(columns, kept)
    return made


def dataset_columns(analyzer: Analyzer | None = None, rows: str = "takes") -> dict[str, str]:
    """The columns of :func:`scan_dataset`'s results with their types: ``string``, ``double`` (64 bit), ``float`` (32 bit) or ``boolean``.

    Of a take: its ``path``, ``seconds`` and ``voiced_seconds``, the leading ``emotion``, ``confidence``, whether it is ``unsure``, ``valence``, ``arousal``, a
    score for each emotion, and ``error``. Of a window: ``start_seconds``, ``end_seconds`` and ``voiced`` instead of the lengths.
    """
    if rows not in ("takes", "windows"):
        raise SettingError(f"rows is {rows!r}; expected 'takes' or 'windows'", "rows")
    own = {"seconds": "double", "voiced_seconds": "double"}
    if rows == "windows":
        own = {"start_seconds": "double", "end_seconds": "double", "voiced": "boolean"}
    labels = (for_batches() if analyzer is None else analyzer).labels
    return {
        "path": "string",
        **own,
        "emotion": "string",
        "confidence": "float",
        "unsure": "boolean",
        "valence": "float",
        "arousal": "float",
        **{f"score_{label}": "float" for label in labels},
        "error": "string",
    }


def spark_schema(analyzer: Analyzer | None = None, rows: str = "takes", keep: Mapping[str, str] | None = None) -> str:
    """:func:`dataset_columns` as the schema that ``mapInPandas`` takes; `keep` has the types of the columns passed on."""
    columns = {**(keep or {}), **dataset_columns(analyzer, rows)}
    return ", ".join(f"`{name}` {kind}" for name, kind in columns.items())


def _takes(kind: _Kind, path: str, audio: str, rate: str | int, content: str, folder: str) -> list[tuple[str, Taken | Exception]]:
    """The takes, each with its name, or with why it is none."""
    names = kind.names()
    if not any(column in names for column in (audio, content, path)):
        raise SettingError(
            f"no column has takes: expected {audio!r} (samples), {content!r} (bytes of files) or {path!r} (paths), found {', '.join(names) or 'none'}",
            "rows",
        )
    called = list(kind.values(path)) if path in names else []
    if audio in names:
        sounds: list[Any] = list(kind.values(audio))
        rates = kind.values(rate) if isinstance(rate, str) and rate in names else [None if isinstance(rate, str) else rate] * len(sounds)
    else:
        sounds = list(kind.values(content)) if content in names else called
        rates = [None] * len(sounds)
    takes: list[tuple[str, Taken | Exception]] = []
    for row, (sound, hz) in enumerate(zip(sounds, rates)):
        name = str(called[row]) if called and called[row] is not None else f"row {row}"
        taken: Taken | Exception
        try:
            if audio not in names and content in names and sound is not None:
                sound = _file(sound, name, os.path.join(folder, str(row)))
            taken = take(sound, hz, name)
        except (UndersongError, TypeError) as error:
            taken = error
        takes.append((name, taken))
    return takes


def _file(content: Any, name: str, place: str) -> str:
    """Bytes of a file as a file: the decoders read and seek in files."""
    place += os.path.splitext(name)[1]
    with open(place, "wb") as file:
        file.write(memoryview(content))
    return place


def _results(analyzer: Analyzer, takes: list[tuple[str, Taken | Exception]]) -> Iterator[dict[str, Any] | str]:
    """A take of the scan's JSON, or why there is none, for each take."""
    # The rows hold nothing of the delivery.
    scan = analyzer._scan([taken for _, taken in takes if not isinstance(taken, Exception)], delivery=False)
    done: dict[str, list[dict[str, Any]]] = {}
    for take_ in scan.takes:
        done.setdefault(take_["path"], []).append(take_)
    failed: dict[str, list[str]] = {}
    for failure in scan.failed:
        failed.setdefault(failure["path"], []).append(failure["error"])
    for name, taken in takes:
        if isinstance(taken, Exception):
            yield f"{name}: {taken}"
            continue
        # As JSON has it, where a path's odd bytes are replaced.
        shown = taken[0].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if done.get(shown):
            yield done[shown].pop(0)
        elif failed.get(shown):
            yield failed[shown].pop(0).replace(shown, name)
        else:
            yield f"{name}: the result was lost: the name is no Unicode; rename the file"


class _Columns:
    """The rows of the result, column by column."""

    def __init__(self, analyzer: Analyzer, rows: str) -> None:
        self.types = dataset_columns(analyzer, rows)
        self.rows = rows
        self.labels = analyzer.labels
        self.values: dict[str, list[Any]] = {name: [] for name in self.types}
        self.kept: dict[str, list[Any]] = {}

    def add(self, name: str, result: dict[str, Any] | str, kept: Mapping[str, Any]) -> None:
        if isinstance(result, str):
            self._row({"path": name, "unsure": True, "voiced": False, "error": result}, kept)
        elif self.rows == "takes":
            reading = result["summary"]
            own = {"seconds": result["seconds"], "voiced_seconds": reading["voiced_seconds"]}
            self._row({"path": name, **own, **self._reading(reading)}, kept)
        else:
            for window in result["windows"]:
                own = {key: window[key] for key in ("start_seconds", "end_seconds", "voiced")}
                self._row({"path": name, **own, **self._reading(window)}, kept)

    def _reading(self, reading: dict[str, Any]) -> dict[str, Any]:
        scores = reading["scores"] or {}
        fields = {key: reading[key] for key in ("confidence", "unsure", "valence", "arousal")}
        return {"emotion": leading(reading), **fields, **{f"score_{label}": scores.get(label) for label in self.labels}}

    def _row(self, row: dict[str, Any], kept: Mapping[str, Any]) -> None:
        for name, values in self.values.items():
            values.append(row.get(name))
        for name, value in kept.items():
            self.kept.setdefault(name, []).append(value)

    def array(self, name: str) -> np.ndarray[Any, Any]:
        """A column for NumPy and pandas; a number that is missing is NaN."""
        values, kind = self.values[name], self.types[name]
        if kind == "boolean":
            return np.array(values, dtype=bool)
        if kind == "string":
            return np.array(values, dtype=object)
        numbers = [math.nan if value is None else value for value in values]
        return np.array(numbers, dtype=np.float32 if kind == "float" else np.float64)


class _Kind:
    """A dictionary of columns, as Ray has batches of NumPy; and what the other kinds have in common."""

    def __init__(self, batch: Any) -> None:
        self.batch = batch

    @staticmethod
    def of(batch: Any) -> _Kind:
        # Whoever passes one has imported its package; nobody else has to have it.
        pandas, pyarrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
        if pandas is not None and isinstance(batch, pandas.DataFrame):
            return _Pandas(batch)
        if pyarrow is not None and isinstance(batch, (pyarrow.Table, pyarrow.RecordBatch)):
            return _Arrow(batch)
        if isinstance(batch, Mapping):
            return _Kind(batch)
        raise SettingError(f"a batch of {type(batch).__name__}; expected a dictionary of columns, a pandas DataFrame or a pyarrow Table", "rows")

    def names(self) -> list[str]:
        return [str(name) for name in self.batch]

    def values(self, name: str) -> Sequence[Any]:
        values: Sequence[Any] = self.batch[name]
        return values

    def make(self, columns: _Columns, kept: Mapping[str, Any]) -> Any:
        made = {name: np.asarray(columns.kept.get(name, []), dtype=getattr(kept[name], "dtype", None)) for name in kept}
        return {**made, **{name: columns.array(name) for name in columns.types}}


class _Pandas(_Kind):
    def values(self, name: str) -> Sequence[Any]:
        values: Sequence[Any] = self.batch[name].array
        return values

    def make(self, columns: _Columns, kept: Mapping[str, Any]) -> Any:
        import pandas

        made = {name: pandas.Series(columns.kept.get(name, []), dtype=self.batch[name].dtype) for name in kept}
        # Before version 3, pandas would make the text "None" of what is missing.
        text = "str" if int(pandas.__version__.split(".")[0]) >= 3 else "object"
        for name, kind in columns.types.items():
            made[name] = pandas.Series(columns.array(name), dtype=text if kind == "string" else None)
        return pandas.DataFrame(made)


class _Arrow(_Kind):
    def names(self) -> list[str]:
        return list(self.batch.schema.names)

    def values(self, name: str) -> Sequence[Any]:
        import pyarrow

        column = self.batch.column(name)
        if pyarrow.types.is_list(column.type) or pyarrow.types.is_large_list(column.type) or pyarrow.types.is_fixed_size_list(column.type):
            # The samples of each row, where they lie.
            return [None if cell.values is None else cell.values.to_numpy(zero_copy_only=False) for cell in column]
        values: Sequence[Any] = column.to_pylist()
        return values

    def make(self, columns: _Columns, kept: Mapping[str, Any]) -> Any:
        import pyarrow

        types = {"string": pyarrow.string(), "double": pyarrow.float64(), "float": pyarrow.float32(), "boolean": pyarrow.bool_()}
        made = {name: pyarrow.array(columns.kept.get(name, []), self.batch.schema.field(name).type) for name in kept}
        made.update({name: pyarrow.array(columns.values[name], types[kind]) for name, kind in columns.types.items()})
        return type(self.batch).from_pydict(made)
