"""A scan from Python against the command's, and `mfcc` against librosa's: both sides in turn in one run, the median counts.

    .venv-python/bin/python python/benches/speed.py [MINUTES]

Needs target/release/undersong. Times are those of the processor, of all threads; a busy machine stretches the clock only.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import librosa  # noqa: E402
import numpy as np  # noqa: E402
import soundfile  # noqa: E402

import undersong  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SCAN_TURNS, MFCC_TURNS = 5, 200


def processor(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def cost(work: Callable[[], object], who: int) -> tuple[float, float]:
    """Seconds of the processor and by the clock."""
    used, started = processor(who), time.perf_counter()
    work()
    return processor(who) - used, time.perf_counter() - started


def middle(costs: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(c for c, _ in costs), statistics.median(c for _, c in costs)


def scan(minutes: float) -> None:
    sound, rate = soundfile.read(ROOT / "cli/samples/take.flac", dtype="int16")
    with tempfile.TemporaryDirectory() as folder:
        take, out = Path(folder) / "take.wav", Path(folder) / "out.json"
        soundfile.write(take, np.resize(sound, int(minutes * 60 * rate)), rate)
        analyzer = undersong.Analyzer(jobs=2)
        runtime = ["--runtime", str(Path(sys.prefix)), "--jobs", "2", "--quiet", "--json", str(out)]
        command = [str(ROOT / "target/release/undersong"), "scan"]
        short = Path(folder) / "short.wav"
        soundfile.write(short, sound[: rate // 2], rate)
        array = soundfile.read(take, dtype="float32")[0]
        sides: dict[str, tuple[Callable[[], object], int]] = {
            "the command": (lambda: subprocess.run([*command, str(take), *runtime], check=True), resource.RUSAGE_CHILDREN),
            "the command, half a second (its start)": (lambda: subprocess.run([*command, str(short), *runtime], check=True), resource.RUSAGE_CHILDREN),
            "Python, the file, to its JSON": (lambda: analyzer.scan(take).to_json(), resource.RUSAGE_SELF),
            "Python, the file, to a pandas frame": (lambda: analyzer.scan(take).to_pandas(), resource.RUSAGE_SELF),
            "Python, an array, to its JSON": (lambda: analyzer.scan(array, rate).to_json(), resource.RUSAGE_SELF),
        }
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
        for turn in range(SCAN_TURNS + 1):
            for name, (work, who) in sides.items():
                spent = cost(work, who)
                if turn:
                    costs[name].append(spent)
        print(f"scan of {minutes:g} minutes at {rate} Hz, hop 0.25 s, two jobs, {analyzer.engine}, median of {SCAN_TURNS} in turn")
        start = middle(costs["the command, half a second (its start)"])
        theirs = middle(costs["the command"])
        for name in sides:
            used, clock = middle(costs[name])
            print(
                f"  {name:40} {used:6.3f} s of the processor, {clock:6.3f} s by the clock; against the command {used / theirs[0]:.3f}, "
                f"less its start {used / (theirs[0] - start[0]):.3f}"
            )


def mfcc() -> None:
    sound, rate = librosa.load(ROOT / "cli/samples/take.flac", sr=22_050)
    print(f"MFCC to an array of 40 a frame, median of {MFCC_TURNS} in turn, time of the calling thread on the processor (both sides have one)")
    for seconds in (3.0, 14.0):
        clip = np.ascontiguousarray(sound[: int(seconds * rate)])
        sides: dict[str, Callable[[], object]] = {
            "undersong.mfcc": lambda clip=clip: undersong.mfcc(clip, 22_050),  # type: ignore[misc]
            "librosa.feature.mfcc": lambda clip=clip: librosa.feature.mfcc(y=clip, sr=22_050, n_mfcc=40),  # type: ignore[misc]
        }
        times: dict[str, list[float]] = {name: [] for name in sides}
        apart = np.abs(undersong.mfcc(clip, 22_050) - librosa.feature.mfcc(y=clip, sr=22_050, n_mfcc=40).T).max()
        for turn in range(MFCC_TURNS + 5):
            for name, work in sides.items():
                used = time.thread_time()
                work()
                if turn >= 5:
                    times[name].append((time.thread_time() - used) * 1e3)
        ours, theirs = (statistics.median(each) for each in times.values())
        print(f"  {seconds:g} s: undersong {ours:.3f} ms, librosa {theirs:.3f} ms, {theirs / ours:.1f} times ours; at most {apart:.1e} apart")


if __name__ == "__main__":
    mfcc()
    scan(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
