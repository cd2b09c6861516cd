"""Emotion in a real session of LiveKit Agents."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from conftest import SAMPLE, chunks, pcm
from livekit import rtc
from livekit_fakes import WORDS, Answerer, Recogniser, converse

import undersong
from undersong.livekit import EmotionAgent, EmotionListener


def finals(analyzer: undersong.Analyzer, data: bytes, rate: int) -> list[dict]:
    stream = analyzer.stream(rate)
    events = [event for chunk in chunks(data, rate) for event in stream.push(np.frombuffer(chunk, "<i2"))] + stream.close()
    return [event for event in events if event["type"] == "emotion.final"]


def frames(data: bytes, rate: int):  # noqa: ANN201
    async def each():  # noqa: ANN202
        for chunk in chunks(data, rate):
            yield rtc.AudioFrame(chunk, rate, 1, len(chunk) // 2)

    return each()


def test_the_answer_to_a_turn_knows_how_the_user_sounded(builtin: undersong.Analyzer, ravdess) -> None:  # noqa: ANN001
    data, rate = pcm(ravdess, 0.0)
    check_turn(builtin, data, rate)


def test_so_it_is_with_the_sample_take(builtin: undersong.Analyzer) -> None:
    data, rate = pcm(SAMPLE, 0.0)
    first = finals(builtin, data + bytes(2 * rate), rate)[0]
    check_turn(builtin, data[: 2 * (first["audio_end_ms"] * rate // 1000)], rate)


def check_turn(analyzer: undersong.Analyzer, data: bytes, rate: int) -> None:
    recogniser, answerer = Recogniser(), Answerer()

    async def run() -> EmotionAgent:
        # A patient turn: how long it waits is another test's.
        agent = EmotionAgent(instructions="Be kind.", emotions=EmotionListener(analyzer, wait=5.0))
        await converse(agent, data, rate, recogniser, answerer)
        return agent

    agent = asyncio.run(run())
    expected = finals(analyzer, data + bytes(2 * rate), rate)
    asked = answerer.asked[0]
    message = next(item for item in asked.items if item.type == "message" and item.role == "user")
    assert message.text_content == WORDS
    told = message.extra["undersong"]
    assert told and told == expected[: len(told)]
    note = agent.emotion_note(told)
    texts = [item.text_content for item in asked.items if item.type == "message" and item.role == "system"]
    assert (note in texts) if note else not any("voice sounds" in (text or "") for text in texts)
    # The recogniser got all of the sound, as it was.
    assert bytes(recogniser.heard).startswith(data[: len(data) // (rate // 50 * 2) * (rate // 50 * 2)])


def test_what_the_model_is_told_names_only_what_is_sure() -> None:
    async def run() -> EmotionAgent:
        return EmotionAgent(instructions="")

    agent = asyncio.run(run())
    sure, unsure = {"label": "sad", "unsure": False, "confidence": 0.71}, {"label": "calm", "unsure": True, "confidence": 0.3}
    assert "sad" in str(agent.emotion_note([sure, unsure])) and "0.71" in str(agent.emotion_note([sure]))
    assert agent.emotion_note([unsure]) is None and agent.emotion_note([]) is None


def test_a_turn_waits_200_ms_at_most_then_goes_on_without(builtin: undersong.Analyzer) -> None:
    data, rate = pcm(SAMPLE, 0.0)

    async def run() -> tuple[float, list[dict], list[dict]]:
        listener = EmotionListener(builtin)
        passed = 0
        open_end = asyncio.Event()

        async def microphone():  # noqa: ANN202
            async for frame in frames(data[: rate * 5], rate):
                yield frame
            await open_end.wait()
            async for frame in frames(bytes(2 * rate), rate):
                yield frame

        async def pump() -> None:
            nonlocal passed
            async for _ in listener.tap(microphone()):
                passed += 1

        task = asyncio.create_task(pump())
        while passed < 125:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        started = time.monotonic()
        without = await listener.turn()
        waited = time.monotonic() - started
        open_end.set()
        await task
        return waited, without, await listener.turn()

    waited, without, later = asyncio.run(run())
    # No silence came, so that nobody can know that speech has ended; a loaded machine may add to the 200 ms.
    assert 0.19 < waited < 0.6
    # Each utterance is told once: what ended before with this turn, what was going on with the next.
    told = without + later
    assert later and all(event["audio_end_ms"] < 2_000 for event in without)
    assert [event["audio_start_ms"] for event in told] == sorted({event["audio_start_ms"] for event in told})


def test_frames_pass_as_they_came_and_events_are_told(builtin: undersong.Analyzer) -> None:
    data, rate = pcm(SAMPLE)
    events: list[dict] = []

    async def run() -> bytes:
        listener = EmotionListener(builtin, on_event=events.append)
        return b"".join([bytes(frame.data) async for frame in listener.tap(frames(data, rate))])

    assert asyncio.run(run()) == data
    assert [event for event in events if event["type"] == "emotion.final"] == finals(builtin, data, rate)
    assert events[0]["type"] in ("speech.start", "emotion.update")


@pytest.mark.parametrize("rate", [1, 7_000])
def test_a_rate_that_no_voice_has_stops_no_session(builtin: undersong.Analyzer, rate: int) -> None:
    async def run() -> int:
        async def strange():  # noqa: ANN202
            for _ in range(3):
                yield rtc.AudioFrame(bytes(200), rate, 1, 100)

        return len([frame async for frame in EmotionListener(builtin).tap(strange())])

    assert asyncio.run(run()) == 3
