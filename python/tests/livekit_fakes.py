"""A session of LiveKit Agents without a room, a network or a service: real `AgentSession`, `Agent`, `STT` and `LLM` classes, made-up words."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import AgentSession, llm, stt
from livekit.agents.voice import io

WORDS = "kids are talking by the door"


class Microphone(io.AudioInput):
    """s16le sound as frames of 20 ms, a little faster than it was spoken, then silence until the session ends."""

    def __init__(self, data: bytes, rate: int, speed: float = 2.0) -> None:
        super().__init__(label="file")
        self._data, self._rate, self._at = data, rate, 0
        self._pause = 0.02 / speed

    async def __anext__(self) -> rtc.AudioFrame:
        await asyncio.sleep(self._pause)
        count = self._rate // 50
        piece = self._data[self._at : self._at + 2 * count].ljust(2 * count, b"\0")
        self._at += 2 * count
        return rtc.AudioFrame(piece, self._rate, 1, count)


class Recogniser(stt.STT):
    """Tells the beginning and the end of speech by loudness, as a service does, and always the same words."""

    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=False))
        #: All sound that came.
        self.heard = bytearray()

    async def _recognize_impl(self, *arguments: Any, **options: Any) -> stt.SpeechEvent:
        raise NotImplementedError

    def stream(self, *, conn_options: Any, **options: Any) -> _Recognition:
        return _Recognition(stt=self, conn_options=conn_options)


class _Recognition(stt.RecognizeStream):
    async def _run(self) -> None:
        quiet, speaking = 0.0, False
        async for frame in self._input_ch:
            if not isinstance(frame, rtc.AudioFrame):
                continue
            self._stt.heard += bytes(frame.data)
            loud = np.abs(np.frombuffer(frame.data, "<i2").astype(np.float32)).max() > 600
            quiet = 0.0 if loud else quiet + frame.duration
            if loud and not speaking:
                speaking = True
                self._event_ch.send_nowait(stt.SpeechEvent(stt.SpeechEventType.START_OF_SPEECH))
            elif speaking and quiet > 0.4:
                speaking = False
                data = stt.SpeechData(language="en", text=WORDS, confidence=1.0)
                self._event_ch.send_nowait(stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data]))
                self._event_ch.send_nowait(stt.SpeechEvent(stt.SpeechEventType.END_OF_SPEECH))


class Answerer(llm.LLM):
    """Keeps what it is asked, and answers "I see."."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[llm.ChatContext] = []

    def chat(self, *, chat_ctx: llm.ChatContext, tools: Any = None, conn_options: Any = None, **options: Any) -> _Answer:
        self.asked.append(chat_ctx.copy())
        return _Answer(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Answer(llm.LLMStream):
    async def _run(self) -> None:
        self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", content="I see.")))


async def converse(agent: Any, data: bytes, rate: int, recogniser: Recogniser, answerer: Answerer, turns: int = 1) -> None:
    """Has the agent hear the sound until it was asked so many times."""
    session: AgentSession = AgentSession(stt=recogniser, llm=answerer, turn_handling={"turn_detection": "stt"})
    session.input.audio = Microphone(data, rate)
    session.output.transcription = None
    try:
        await session.start(agent, record=False)
        for _ in range(1500):
            if len(answerer.asked) >= turns:
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
    finally:
        await session.aclose()
