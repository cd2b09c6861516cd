"""What an archive costs: the speed, memory and results of a worker, and how throughput grows from one worker to two.

    .venv-python/bin/python python/benches/workers.py [TAKES]

The archive is made up: takes of five minutes, the sample take over and over, as FLAC and as MP3 (with ffmpeg). Figures stand in docs/at-scale.md.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import soundfile

ROOT = Path(__file__).resolve().parents[2]
MINUTES = 5.0


def archive(folder: Path, takes: int) -> dict[str, list[str]]:
    """Paths by format."""
    sound, rate = soundfile.read(ROOT / "cli/samples/take.flac", dtype="int16")
    first = folder / "0.flac"
    soundfile.write(first, np.resize(sound, int(MINUTES * 60 * rate)), rate)
    kinds = {"FLAC": first}
    if shutil.which("ffmpeg"):
        mp3 = folder / "0.mp3"
        subprocess.run(["ffmpeg", "-loglevel", "error", "-i", str(first), "-b:a", "64k", str(mp3)], check=True)
        kinds["MP3, 64 kbit/s"] = mp3
    paths: dict[str, list[str]] = {}
    for kind, path in kinds.items():
        print(f"  {kind}: {path.stat().st_size / MINUTES * 60 / 1e6:.1f} MB an hour")
        paths[kind] = [str(shutil.copy(path, folder / f"{number}{path.suffix}")) if number else str(path) for number in range(takes)]
    return paths


def processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def alone(paths: list[str], rows: str, answers: Any) -> None:
    """A worker: what it cost, in a process of its own."""
    started, used = time.perf_counter(), processor()
    import undersong

    undersong.scan_dataset({"path": []})
    opened = time.perf_counter() - started, processor() - used
    empty = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started, used = time.perf_counter(), processor()
    result = undersong.scan_dataset(pyarrow.table({"path": paths}), rows=rows)
    spent = time.perf_counter() - started, processor() - used
    answers.put((opened, empty, spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, result))


def worker(paths: list[str], rows: str = "takes") -> Any:
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=alone, args=(paths, rows, answers))
    process.start()
    answer = answers.get()
    process.join()
    return answer


def scan_one(path: str) -> None:
    import undersong

    undersong.scan_dataset({"path": [path]})


def plain(paths: list[str], workers: int) -> float:
    """Seconds that so many processes take, started before."""
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        pool.map(scan_one, paths[:1] * workers, chunksize=1)
        started = time.perf_counter()
        pool.map(scan_one, paths, chunksize=1)
        return time.perf_counter() - started


def engine(name: str, paths: list[str], workers: int, folder: Path) -> float:
    """Seconds that the example's `main` takes, start of the engine included."""
    source, target = folder / "takes.parquet", folder / f"scores-{name}-{workers}"
    pyarrow.parquet.write_table(pyarrow.table({"path": paths}), source)
    example = ROOT / f"python/examples/scan_with_{name}.py"
    started = time.perf_counter()
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
    subprocess.run([sys.executable, str(example), str(source), str(target), str(workers)], check=True, env=environment, capture_output=True)
    return time.perf_counter() - started


def main(takes: int) -> None:
    # A fair worker has one processor's work in it, whatever its two threads could take of others.
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = archive(folder, takes)
        hours = takes * MINUTES / 60
        for kind, each in paths.items():
            opened, empty, spent, full, result = worker(each)
            print(
                f"  {kind}: a worker opens in {opened[1]:.2f} s of the processor and has {empty:.0f} MB, at work {full:.0f} MB; "
                f"an hour of sound takes {spent[1] / hours:.2f} s of the processor, {hours * 3600 / spent[1]:.0f} x real time"
            )
        for rows in ("takes", "windows"):
            result = worker(paths["FLAC"][:1], rows)[-1]
            out = folder / "out.parquet"
            pyarrow.parquet.write_table(result, out)
            print(f"  results, {rows}: {result.num_rows} rows, {out.stat().st_size / (MINUTES / 60) / 1e6:.3f} MB an hour of sound in Parquet")
        each = paths["FLAC"]
        for round_ in range(2):
            one, two = plain(each, 1), plain(each, 2)
            print(f"  plain processes: 1 worker {hours * 3600 / one:.0f} x, 2 workers {hours * 3600 / two:.0f} x real time by the clock: {one / two:.2f} times")
        for name in ("ray", "dask", "pyspark"):
            if importlib.util.find_spec(name) is None:
                print(f"  {name}: skipped, not installed")
                continue
            short = "spark" if name == "pyspark" else name
            # The engine's start, by an archive of one take for each worker.
            costs = {workers: engine(short, each, workers, folder) - engine(short, each[:workers], workers, folder) for workers in (1, 2)}
            done = {workers: (takes - workers) * MINUTES * 60 / costs[workers] for workers in costs}
            print(f"  {short}: 1 worker {done[1]:.0f} x, 2 workers {done[2]:.0f} x real time, less the engine's start: {done[2] / done[1]:.2f} times")
    print(f"load {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 24)
