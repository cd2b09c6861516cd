"""A stream's events are the lines of `undersong stream`."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import soundfile
from conftest import ROOT, SAMPLE, chunks, command, pcm

import undersong

SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "core/schema/stream.schema.json").read_text()))


def of_command(data: bytes, *arguments: str) -> list[dict]:
    lines = command("stream", "--wait", "--engine", "builtin", *arguments, input=data).splitlines()
    return [json.loads(line) for line in lines]


def test_events_equal_the_commands_lines_however_the_sound_is_cut(builtin: undersong.Analyzer) -> None:
    data, rate = pcm(SAMPLE)
    theirs = of_command(data, "--rate", str(rate))
    assert {event["type"] for event in theirs} >= {"speech.start", "emotion.update", "emotion.final"}
    for seconds in (0.02, 0.1, 7.3):
        stream = builtin.stream(rate)
        events = []
        for chunk in chunks(data, rate, seconds):
            events += stream.push(np.frombuffer(chunk, "<i2"))
        events += stream.close()
        assert events == theirs
    for event in theirs:
        SCHEMA.validate(event)


def test_a_clip_of_ravdess_is_heard_as_by_the_command(builtin: undersong.Analyzer, ravdess: Path) -> None:
    data, rate = pcm(ravdess)
    stream = builtin.stream(rate)
    events = [event for chunk in chunks(data, rate) for event in stream.push(np.frombuffer(chunk, "<i2"))] + stream.close()
    assert events == of_command(data, "--rate", str(rate))
    assert any(event["type"] == "emotion.final" and event["label"] for event in events)


def test_settings_are_the_commands(builtin: undersong.Analyzer) -> None:
    sound, rate = soundfile.read(SAMPLE, dtype="float32")
    stereo = np.stack([sound, 0.5 * sound], axis=1)
    theirs = of_command(
        stereo.astype("<f4").tobytes(), "--rate", str(rate), "--channels", "2", "--format", "f32le", "--hop", "0.5", "--smoothing", "0.3"
    )
    with builtin.stream(rate, channels=2, hop=0.5, smoothing=0.3) as stream:
        assert stream.push(stereo[:30_000]) + stream.push(stereo[30_000:].ravel()) + stream.close() == theirs
        assert stream.closed and stream.position_ms == pytest.approx(1e3 * len(sound) / rate)


def test_at_the_live_pace_a_push_does_not_wait_and_nothing_is_lost_in_real_time(builtin: undersong.Analyzer) -> None:
    data, rate = pcm(SAMPLE, 0.0)
    data = data[: 2 * 3 * rate]
    stream = builtin.stream(rate, pace="live")
    events = []
    for chunk in chunks(data, rate, 0.1):
        events += stream.push(np.frombuffer(chunk, "<i2"))
        time.sleep(0.05)
    events += stream.poll()
    events += stream.close()
    assert events == of_command(data, "--rate", str(rate))


def test_several_streams_and_threads_do_not_mix(builtin: undersong.Analyzer) -> None:
    data, rate = pcm(SAMPLE)
    expected = of_command(data, "--rate", str(rate))
    results: dict[int, list[dict]] = {}

    def listen(number: int) -> None:
        stream = builtin.stream(rate)
        results[number] = [event for chunk in chunks(data, rate, 0.5) for event in stream.push(np.frombuffer(chunk, "<i2"))] + stream.close()

    threads = [threading.Thread(target=listen, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(results[number] == expected for number in range(6))


def test_a_push_after_close_is_told_by_its_code(builtin: undersong.Analyzer) -> None:
    stream = builtin.stream()
    stream.push(np.zeros(160, np.int16))
    stream.close()
    for again in (lambda: stream.push(np.zeros(160, np.int16)), stream.close):
        with pytest.raises(undersong.StreamError, match="finished") as told:
            again()
        assert told.value.code == "closed"


def test_what_is_no_number_is_a_warning_and_the_voice_goes_on(builtin: undersong.Analyzer) -> None:
    data, rate = pcm(SAMPLE, 0.0)
    sound = np.frombuffer(data, "<i2").astype(np.float32) / 32768
    sound[1000:1003] = [np.nan, np.inf, 1e30]
    stream = builtin.stream(rate)
    events = stream.push(sound) + stream.close()
    assert [(event["code"], event["count"]) for event in events if event["type"] == "warning"] == [("not_finite", 3)]
    assert any(event["type"] == "emotion.final" for event in events)
    assert events == of_command(sound.astype("<f4").tobytes(), "--rate", str(rate), "--format", "f32le")


def test_an_array_of_other_channels_is_refused_and_nothing_of_it_taken(builtin: undersong.Analyzer) -> None:
    stream = builtin.stream(channels=2)
    for wrong in (np.zeros((10, 3), np.float32), np.zeros(11, np.float32)):
        with pytest.raises(undersong.SoundError, match="channels") as told:
            stream.push(wrong)
        assert told.value.code == "shape"
    assert stream.position_ms == 0
    assert stream.push(np.zeros(0, np.float32)) == [] and stream.close() == []
