"""Emotion in Pipecat: a processor that takes audio frames in and gives emotion frames at the end of speech.

Put it where the user's audio passes, before speech recognition::

    pipeline = Pipeline([transport.input(), EmotionProcessor(), stt, user_aggregator, llm, tts, transport.output(), assistant_aggregator])

All frames pass. At the end of speech an :class:`EmotionFrame` goes downstream. A frame that ends a turn waits for it, at most 200 ms, and what comes after
it waits behind it; then the turn goes on without, and the emotion follows, marked ``late``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    StartFrame,
    StopFrame,
    SystemFrame,
    UserStoppedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from undersong._voice import WAIT_SECONDS, Voice
from undersong.analyzer import Analyzer
from undersong.stream import Event

__all__ = ["EmotionFrame", "EmotionProcessor", "EmotionUpdateFrame"]


@dataclass
class EmotionFrame(SystemFrame):
    """What an utterance felt like: the event ``emotion.final``.

    A system frame, so that it stays before the frame that ends the turn.

    :ivar label: the leading emotion, also where that is unsure; None if no voice could be read.
    :ivar unsure: better no answer than this one.
    :ivar event: all of it, as ``core/schema/stream.schema.json`` defines it: scores, valence, arousal, confidence, where the sound lies.
    :ivar late: the turn went on without it.
    """

    label: str | None = None
    unsure: bool = True
    event: Event = field(default_factory=dict)
    late: bool = False

    def __str__(self) -> str:
        return f"{self.name}(label: {self.label}, unsure: {self.unsure}, late: {self.late})"


@dataclass
class EmotionUpdateFrame(SystemFrame):
    """What the voice feels like by now: the event ``emotion.update``, every hop."""

    event: Event = field(default_factory=dict)


class EmotionProcessor(FrameProcessor):  # type: ignore[misc, unused-ignore]
    """Listens to the user's audio frames.

    :param analyzer: left out, the built-in model. Processors may share one.
    :param wait: how long a turn may wait for a result, in seconds.
    :param updates: gives an :class:`EmotionUpdateFrame` for each hop as well.
    """

    def __init__(self, analyzer: Analyzer | None = None, *, wait: float = WAIT_SECONDS, updates: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._analyzer = analyzer
        self._wait_seconds = wait
        self._updates = updates
        self._voice: Voice | None = None
        self._events: asyncio.Queue[Event | asyncio.Event] = asyncio.Queue()
        self._telling: Any = None
        self._held: list[Frame] | None = None
        self._waiting: Any = None
        self._releasing = asyncio.Lock()
        self._overdue = False

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if direction is not FrameDirection.DOWNSTREAM:
            await self.push_frame(frame, direction)
            return
        if isinstance(frame, StartFrame):
            self._voice = Voice(self._analyzer, self._events.put_nowait)
            self._telling = self.create_task(self._tell())
        elif isinstance(frame, InputAudioRawFrame) and self._voice is not None:
            self._voice.push(frame.audio, frame.sample_rate, frame.num_channels)
        elif isinstance(frame, (EndFrame, StopFrame, CancelFrame)):
            await self._finish()
        elif isinstance(frame, InterruptionFrame):
            # What interrupts waits for nothing.
            await self._release()
        elif isinstance(frame, (UserStoppedSpeakingFrame, VADUserStoppedSpeakingFrame)) and self._held is None and self._voice is not None:
            self._held = [frame]
            self._waiting = self.create_task(self._hold(self._voice))
            return
        if self._held is not None:
            self._held.append(frame)
        else:
            await self.push_frame(frame, direction)

    async def cleanup(self) -> None:
        await super().cleanup()  # type: ignore[no-untyped-call, unused-ignore]
        await self._finish()

    async def _hold(self, voice: Voice) -> None:
        """Lets the turn go once its emotion is told, or when it has waited long enough."""
        settled = await voice.settle(self._wait_seconds)
        self._overdue = not settled
        if settled:
            await self._told()
        await self._release(from_hold=True)

    async def _told(self) -> None:
        """Until all events so far went downstream."""
        if self._telling is not None:
            told = asyncio.Event()
            self._events.put_nowait(told)
            await told.wait()

    async def _release(self, from_hold: bool = False) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not from_hold:
            await self.cancel_task(waiting)
        async with self._releasing:
            # What comes meanwhile joins the end.
            while self._held:
                await self.push_frame(self._held.pop(0), FrameDirection.DOWNSTREAM)
            self._held = None

    async def _tell(self) -> None:
        while True:
            event = await self._events.get()
            if isinstance(event, asyncio.Event):
                event.set()
            elif event["type"] == "emotion.final":
                frame = EmotionFrame(label=event["label"], unsure=event["unsure"], event=event, late=self._overdue)
                self._overdue = False
                await self.push_frame(frame)
            elif event["type"] == "emotion.update" and self._updates:
                await self.push_frame(EmotionUpdateFrame(event=event))

    async def _finish(self) -> None:
        voice, self._voice = self._voice, None
        if voice is not None:
            await voice.close()
            await self._told()
        await self._release()
        telling, self._telling = self._telling, None
        if telling is not None:
            await self.cancel_task(telling)
