"""Emotion in LiveKit Agents: the user's audio passes through, and a turn is told what it felt like.

:class:`EmotionAgent` is an ``Agent`` that does it all; :class:`EmotionListener` is the part for agents of your own.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Any

from livekit import rtc
from livekit.agents import Agent, ModelSettings, llm

from undersong._voice import WAIT_SECONDS, Voice
from undersong.analyzer import Analyzer
from undersong.stream import Event

__all__ = ["EmotionAgent", "EmotionListener"]


class EmotionListener:
    """Listens to audio that passes through :meth:`tap`, and has each turn's emotions.

    :param analyzer: left out, the built-in model. Listeners may share one.
    :param wait: how long a turn may wait for a result, in seconds.
    :param on_event: called with each event, as ``core/schema/stream.schema.json`` defines them.
    """

    def __init__(self, analyzer: Analyzer | None = None, *, wait: float = WAIT_SECONDS, on_event: Callable[[Event], None] | None = None) -> None:
        self._analyzer = analyzer
        self._wait_seconds = wait
        self._on_event = on_event
        self._voice: Voice | None = None
        self._finals: list[Event] = []

    async def tap(self, audio: AsyncIterable[rtc.AudioFrame]) -> AsyncIterator[rtc.AudioFrame]:
        """Gives the frames on as they come."""
        voice = Voice(self._analyzer, self._hear)
        self._voice = voice
        try:
            async for frame in audio:
                voice.push(bytes(frame.data), frame.sample_rate, frame.num_channels)
                yield frame
        finally:
            if self._voice is voice:
                self._voice = None
            await voice.close()

    async def turn(self) -> list[Event]:
        """The turn that ends now: an ``emotion.final`` for each utterance since the last call. It waits for one that is about to end, but not longer than
        `wait`; what comes later belongs to the next turn."""
        if self._voice is not None:
            await self._voice.settle(self._wait_seconds)
        finals, self._finals = self._finals, []
        return finals

    def _hear(self, event: Event) -> None:
        if event["type"] == "emotion.final":
            self._finals.append(event)
        if self._on_event is not None:
            self._on_event(event)


class EmotionAgent(Agent):
    """An agent that hears how the user sounds.

    At the end of a turn the user's message has the events in ``message.extra["undersong"]``, and the model is told in a line of its own, if there is something
    to be told: :meth:`emotion_note`.
    """

    def __init__(self, *, emotions: EmotionListener | None = None, **options: Any) -> None:
        super().__init__(**options)
        #: What listens.
        self.emotions = EmotionListener() if emotions is None else emotions

    def stt_node(self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings) -> Any:
        return Agent.default.stt_node(self, self.emotions.tap(audio), model_settings)

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        finals = await self.emotions.turn()
        new_message.extra["undersong"] = finals
        note = self.emotion_note(finals)
        if note is not None:
            turn_ctx.add_message(role="system", content=note)

    def emotion_note(self, finals: list[Event]) -> str | None:
        """What the language model is told of a turn: what its last utterance that is sure of something sounded like. None tells nothing."""
        for event in reversed(finals):
            if event["label"] is not None and not event["unsure"]:
                return f"The user's voice sounds {event['label']} (confidence {event['confidence']:.2f}, from the sound alone; it may be wrong)."
        return None
