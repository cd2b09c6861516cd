"""A scan from Python is the command's scan."""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import audformat
import jsonschema
import numpy as np
import pandas
import pytest
import soundfile
from conftest import ROOT, SAMPLE, command

import undersong
from undersong.result import MEASURES


def of_command(*arguments: str) -> dict:
    return json.loads(command("scan", *arguments, "--json", "-", "--quiet"))


def test_a_file_gives_the_json_of_the_command_letter_for_letter(builtin: undersong.Analyzer) -> None:
    theirs = command("scan", str(SAMPLE), "--engine", "builtin", "--json", "-", "--quiet").decode()
    scan = builtin.scan(SAMPLE)
    assert scan.to_json() == theirs
    assert scan.to_dict() == json.loads(theirs)
    schema = json.loads((ROOT / "core/schema/scan.schema.json").read_text())
    jsonschema.validate(scan.to_dict(), schema)


def test_it_takes_the_onnx_runtime_of_its_own_python(analyzer: undersong.Analyzer) -> None:
    import importlib.metadata

    assert analyzer.engine == f"ONNX Runtime {importlib.metadata.version('onnxruntime')}, CPU"
    import onnxruntime  # and lives beside it

    theirs = onnxruntime.InferenceSession(ROOT / "models/undersong-8.onnx", providers=["CPUExecutionProvider"])
    assert theirs.get_inputs()[0].shape[-1] == analyzer.features(np.zeros(16_000, np.float32), 16_000).shape[1]
    runtime = str(Path(onnxruntime.__file__).parent / "capi")
    assert analyzer.scan(SAMPLE).to_dict() == of_command(str(SAMPLE), "--runtime", runtime)


def test_settings_are_those_of_the_command(tmp_path: Path) -> None:
    voice = tmp_path / "long.wav"
    sound, rate = soundfile.read(SAMPLE, dtype="int16")
    soundfile.write(voice, np.tile(sound, 2), rate)
    command("calibrate", str(voice), "--out", str(tmp_path / "me.json"))
    model = ROOT / "models/undersong-6.onnx"
    scan = undersong.Analyzer(model, engine="builtin", hop=0.5, priors={"happy": 2, "sad": 0.5}, jobs=1, loudness_target=-23).scan(SAMPLE)
    theirs = of_command(str(SAMPLE), "--model", str(model), "--engine", "builtin", "--hop", "0.5", "--priors", "happy=2,sad=0.5", "--loudness-target", "-23")
    assert scan.to_dict() == theirs
    calibrated = undersong.Analyzer(profile=tmp_path / "me.json", engine="builtin").scan(SAMPLE)
    assert calibrated.to_dict() == of_command(str(SAMPLE), "--profile", str(tmp_path / "me.json"), "--engine", "builtin")


def test_samples_give_what_their_file_gives(builtin: undersong.Analyzer, sample: tuple[np.ndarray, int]) -> None:
    sound, rate = sample
    expected = builtin.scan(SAMPLE).to_dict()["takes"][0]
    whole = np.round(sound * 32768)

    def emotion(take: dict[str, Any]) -> dict[str, Any]:
        """A take without its delivery, in which a second channel counts."""
        windows = [{**window, "delivery": None} for window in take["windows"]]
        return {**take, "windows": windows, "summary": {**take["summary"], "delivery": None}}

    def same(array: np.ndarray, **tolerance: float) -> None:
        take = builtin.scan(array, rate, name=str(SAMPLE)).to_dict()["takes"][0]
        if not tolerance and array.ndim == 2 and array.shape[1] == 2:
            assert emotion(take) == emotion(expected)
            # The same sound from two loudspeakers (ITU-R BS.1770-5, Annex 1).
            louder = take["summary"]["delivery"]["loudness"]["integrated_lufs"] - expected["summary"]["delivery"]["loudness"]["integrated_lufs"]
            assert louder == pytest.approx(10 * np.log10(2), abs=0.01)
            return
        if not tolerance:
            assert take == expected
            return
        assert len(take["windows"]) == len(expected["windows"])
        assert take["summary"]["scores"] == pytest.approx(expected["summary"]["scores"], **tolerance)

    same(sound)
    same(sound.astype(np.float64))
    same(whole.astype(np.int16))
    same(whole.astype(">i2"))
    same((whole * 65536).astype(np.int32))
    same(np.stack([sound, sound], axis=1))
    same(np.stack([sound, sound], axis=1)[:, 0])  # every second sample in memory
    same(sound[:, None])
    same(np.asfortranarray(np.stack([sound, sound], axis=1)))
    same(np.round(sound * 127 + 128).astype(np.uint8), abs=0.25)
    same(sound.astype(np.float16), abs=0.05)
    read_only = sound.copy()
    read_only.flags.writeable = False
    same(read_only)


def test_float32_is_read_where_it_lies(builtin: undersong.Analyzer) -> None:
    # A sound of 460 MB: a copy would show in the process's largest memory, as the features of one second do not.
    code = """
import resource, numpy, undersong
analyzer = undersong.Analyzer(engine="builtin", hop=60, jobs=1)
def largest():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
sound = numpy.zeros(120_000_000, numpy.float32)
sound[:] = 0.0
analyzer.scan(sound[:1_000_000], 384_000)
before = largest()
analyzer.scan(sound, 384_000)
print(largest() - before)
"""
    grown = float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
    assert grown < 100, f"{grown} MB"


def test_many_files_are_scanned_and_what_fails_is_listed(builtin: undersong.Analyzer, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF, but no sound")
    scan = builtin.scan_files([SAMPLE, broken, str(tmp_path / "missing.wav"), SAMPLE])
    assert [take["path"] for take in scan.takes] == [str(SAMPLE)] * 2
    assert [failure["path"] for failure in scan.failed] == [str(broken), str(tmp_path / "missing.wav")]
    assert all(failure["path"] in failure["error"] for failure in scan.failed)
    assert len(scan.windows) == 2 * len(scan.takes[0]["windows"])
    with pytest.raises(ValueError, match="2"):
        scan.summary
    assert builtin.scan_files([]).takes == []
    assert "2 takes" in repr(scan)
    assert pickle.loads(pickle.dumps(scan)).to_dict() == scan.to_dict()


def test_the_frame_is_indexed_as_audeerings_tools_do(builtin: undersong.Analyzer) -> None:
    scan = builtin.scan(SAMPLE)
    frame = scan.to_pandas()
    audformat.assert_index(frame.index)
    assert audformat.is_segmented_index(frame.index)
    expected = audformat.segmented_index([str(SAMPLE)] * len(frame), [w["start_seconds"] for w in scan.windows], [w["end_seconds"] for w in scan.windows])
    pandas.testing.assert_index_equal(frame.index, expected, exact="equiv")
    assert list(frame.columns) == ["emotion", *scan.labels, "valence", "arousal", "confidence", "unsure", "loudness_lufs", *MEASURES]
    voiced = frame[frame["confidence"].notna()]
    assert len(voiced) > 10
    assert (voiced[scan.labels].idxmax(axis=1) == voiced["emotion"].astype(str)).all()
    assert np.allclose(voiced[scan.labels].sum(axis=1), 1, atol=1e-4)
    assert (voiced["pitch_hz"].dropna() > 50).all() and voiced["pitch_hz"].notna().any()
    takes = scan.to_pandas(rows="takes")
    assert takes["loudness_lufs"].iloc[0] == np.float32(scan.summary["delivery"]["loudness"]["integrated_lufs"])
    audformat.assert_index(takes.index)
    assert takes["emotion"].iloc[0] == scan.summary["emotion"]
    with pytest.raises(undersong.SettingError, match="rows"):
        scan.to_pandas(rows="frames")


def test_silence_has_no_emotion(builtin: undersong.Analyzer) -> None:
    scan = builtin.scan(np.zeros(80_000, np.float32), 16_000)
    assert scan.summary["emotion"] is None and scan.summary["scores"] is None
    frame = scan.to_pandas()
    assert frame["unsure"].all() and frame["emotion"].isna().all() and frame["happy"].isna().all()
    assert builtin.scan_files([]).to_pandas().empty


def test_the_model_says_what_the_command_says(builtin: undersong.Analyzer) -> None:
    assert builtin.model == json.loads(command("model", "--json"))
    assert builtin.labels == [emotion["name"] for emotion in builtin.model["metadata"]["emotions"]]
    assert builtin.engine in builtin.engine_report and "undersong-8" in repr(builtin)
    assert undersong.__version__.count(".") == 2


def test_threads_share_an_analyzer_and_others_run_meanwhile(builtin: undersong.Analyzer, sample: tuple[np.ndarray, int]) -> None:
    sound, rate = sample
    expected = builtin.scan(sound, rate).to_json()
    results: list[str] = []
    threads = [threading.Thread(target=lambda: results.append(builtin.scan(sound, rate).to_json())) for _ in range(4)]
    for thread in threads:
        thread.start()
    # The interpreter's lock is free while they scan: this loop goes on.
    turns = 0
    while any(thread.is_alive() for thread in threads):
        turns += 1
    assert results == [expected] * 4
    assert turns > 100


def test_a_pickled_analyzer_and_a_forked_process_scan_alike(builtin: undersong.Analyzer) -> None:
    expected = builtin.scan(SAMPLE).to_json()
    assert pickle.loads(pickle.dumps(builtin)).scan(SAMPLE).to_json() == expected
    code = f"""
import multiprocessing, undersong, numpy
analyzer = undersong.Analyzer(engine="builtin")
stream = analyzer.stream()
stream.push(numpy.zeros(1600, numpy.float32))
def child(queue):
    scan = analyzer.scan({str(SAMPLE)!r}).to_json()
    try:
        stream.push(numpy.zeros(1600, numpy.float32))
    except undersong.StreamError as error:
        code = error.code
    own = analyzer.stream()
    events = own.push(numpy.zeros(16000, numpy.float32)) + own.close()
    queue.put((scan, code, len(events)))
context = multiprocessing.get_context("fork")
queue = context.Queue()
process = context.Process(target=child, args=(queue,))
process.start()
scan, code, events = queue.get(timeout=60)
process.join(60)
assert process.exitcode == 0 and code == "forked" and events >= 1, (code, events)
print(scan, end="")
"""
    forked = subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, capture_output=True, text=True, timeout=120)
    assert forked.stdout == expected


def test_ctrl_c_ends_a_long_scan() -> None:
    code = """
import numpy, undersong
analyzer = undersong.Analyzer(engine="builtin")
noise = numpy.random.default_rng(1).normal(0, 0.1, 16_000 * 3600 * 2).astype(numpy.float32)
print("now", flush=True)
try:
    analyzer.scan(noise, 16_000)
except KeyboardInterrupt:
    print("stopped", analyzer.scan(noise[:48_000], 16_000).takes[0]["seconds"])
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "now\n"
    threading.Event().wait(1.0)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "stopped 3.0\n"
