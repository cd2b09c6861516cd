"""`scan_dataset`: batches in, batches out, whatever carries them; and real engines on local clusters."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pyarrow
import pyarrow.parquet
import pytest
from conftest import ROOT, SAMPLE

import undersong

EXAMPLES = ROOT / "python/examples"


@pytest.fixture(scope="module")
def summary() -> dict:
    return undersong.Analyzer(jobs=1).scan(SAMPLE).to_dict()["takes"][0]


def check_row(row: dict, summary: dict) -> None:
    assert row["emotion"] == summary["summary"]["emotion"]
    assert row["seconds"] == summary["seconds"] and row["voiced_seconds"] == summary["summary"]["voiced_seconds"]
    for label, score in summary["summary"]["scores"].items():
        assert row[f"score_{label}"] == pytest.approx(score, abs=2e-6)
    assert row["valence"] == pytest.approx(summary["summary"]["valence"], abs=2e-6)
    assert bool(row["unsure"]) is summary["summary"]["unsure"]


def test_a_row_comes_out_for_each_that_went_in_of_the_same_kind(summary: dict) -> None:
    paths = [str(SAMPLE), "missing.wav", str(SAMPLE)]
    batches = [
        {"path": np.array(paths)},
        pandas.DataFrame({"path": paths}),
        pyarrow.table({"path": paths}),
        pyarrow.RecordBatch.from_pydict({"path": paths}),
    ]
    for batch in batches:
        result = undersong.scan_dataset(batch)
        assert isinstance(result, type(batch))
        frame = pandas.DataFrame(result) if isinstance(result, dict) else result if isinstance(result, pandas.DataFrame) else result.to_pandas()
        assert list(frame.columns) == list(undersong.dataset_columns())
        assert list(frame["path"]) == paths
        check_row(frame.iloc[0].to_dict(), summary)
        check_row(frame.iloc[2].to_dict(), summary)
        assert "no such file" in frame["error"][1] and pandas.isna(frame["emotion"][1]) and np.isnan(frame["score_happy"][1]) and bool(frame["unsure"][1])


def test_samples_and_bytes_of_files_are_takes_too(summary: dict, sample: tuple[np.ndarray, int]) -> None:
    sound, rate = sample
    # One of them is no sound, and costs only itself.
    bad = np.full(16_000, np.nan, np.float32)
    numpy_batch = {"audio": [sound, bad, sound[:1000]], "rate": np.array([rate, 16_000, rate]), "path": ["a", "b", "c"]}
    frame = pandas.DataFrame(undersong.scan_dataset(numpy_batch))
    check_row(frame.iloc[0].to_dict(), summary)
    assert frame["error"][1].startswith("b: ") and "NaN" in frame["error"][1] and "c: only 45 ms" in frame["error"][2]
    arrow = pyarrow.table({"audio": pyarrow.array([sound, None], pyarrow.list_(pyarrow.float32())), "show": ["one", "two"]})
    result = undersong.scan_dataset(arrow, rate=rate, keep=["show"]).to_pylist()
    check_row(result[0], summary)
    assert [row["show"] for row in result] == ["one", "two"] and "no sound" in result[1]["error"]
    named = pandas.DataFrame({"path": ["s3://archive/take.flac", "s3://archive/text.wav"], "bytes": [SAMPLE.read_bytes(), b"text"]})
    frame = undersong.scan_dataset(named)
    check_row(frame.iloc[0].to_dict(), summary)
    assert "not a sound file" in frame["error"][1]


def test_windows_are_rows_on_demand(summary: dict) -> None:
    frame = undersong.scan_dataset(pandas.DataFrame({"path": [str(SAMPLE), "missing.wav"], "show": [7, 8]}), rows="windows", keep=["show"])
    assert len(frame) == len(summary["windows"]) + 1
    assert list(frame["start_seconds"][:-1]) == [window["start_seconds"] for window in summary["windows"]]
    assert list(frame["show"]) == [7] * len(summary["windows"]) + [8]
    assert frame["error"].iloc[-1] and not frame["voiced"].iloc[-1]


def test_an_empty_batch_has_the_columns_and_their_types() -> None:
    frame = undersong.scan_dataset(pandas.DataFrame({"path": []}))
    full = undersong.scan_dataset(pandas.DataFrame({"path": [str(SAMPLE)]}))
    assert len(frame) == 0 and (frame.dtypes == full.dtypes).all()
    assert undersong.spark_schema(keep={"show": "bigint"}).startswith("`show` bigint, `path` string, `seconds` double, ")
    assert undersong.scan_dataset(pyarrow.table({"path": pyarrow.array([], pyarrow.string())})).schema.field("score_happy").type == pyarrow.float32()


def test_another_model_travels_with_the_function() -> None:
    six = undersong.Analyzer(ROOT / "models/undersong-6.onnx", jobs=1)
    frame = undersong.scan_dataset(pandas.DataFrame({"path": [str(SAMPLE)]}), analyzer=six)
    assert [column for column in frame.columns if column.startswith("score_")] == [f"score_{label}" for label in six.labels]


@pytest.mark.parametrize("engine", ["ray", "dask", "spark"])
def test_a_local_cluster_reads_parquet_and_writes_parquet(engine: str, tmp_path: Path, summary: dict) -> None:
    """The example as a user runs it, with two workers; one take of twelve is missing."""
    takes = tmp_path / "takes"
    takes.mkdir()
    paths = []
    for number in range(11):
        shutil.copy(SAMPLE, takes / f"{number}.flac")
        paths.append(str(takes / f"{number}.flac"))
    paths.insert(5, str(takes / "missing.flac"))
    pyarrow.parquet.write_table(pyarrow.table({"path": paths}), tmp_path / "takes.parquet", row_group_size=3)
    outcome = subprocess.run(
        [sys.executable, str(EXAMPLES / f"scan_with_{engine}.py"), str(tmp_path / "takes.parquet"), str(tmp_path / "scores"), "2"],
        cwd=tmp_path,
        env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    rows = pyarrow.parquet.read_table(tmp_path / "scores").to_pylist()
    assert sorted(row["path"] for row in rows) == sorted(paths)
    for row in rows:
        assert set(undersong.dataset_columns()) <= set(row)
        if row["path"].endswith("missing.flac"):
            assert "no such file" in row["error"] and row["emotion"] is None
        else:
            check_row(row, summary)
