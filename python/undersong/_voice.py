"""A voice beside an event loop: what `undersong.pipecat` and `undersong.livekit` have in common.

Sound is handed to a thread, so that the loop never waits for an analysis; events come back to the loop. At the end of a turn, whoever answers may wait a
little for what the turn felt like, and goes on without if that takes longer.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from undersong.analyzer import Analyzer, for_batches
from undersong.errors import UndersongError
from undersong.stream import Event, Stream

#: How long a turn may wait for a result, in seconds.
WAIT_SECONDS = 0.2

#: Sound that may wait for its analysis, in seconds; more is left out. A machine that falls so far behind would otherwise fall ever further.
BACKLOG_SECONDS = 60.0

_log = logging.getLogger("undersong")


class Voice:
    """One speaker's sound. All but the thread's own methods are the loop's.

    :param tell: called on the loop with each event.
    """

    def __init__(self, analyzer: Analyzer | None, tell: Callable[[Event], None]) -> None:
        self._analyzer = for_batches() if analyzer is None else analyzer
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._work: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._waiting_seconds = 0.0
        self._dropped_seconds = 0.0
        #: Somebody is speaking, as far as is known.
        self.speaking = False
        self._settled = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="undersong voice", daemon=True)
        self._thread.start()

    def push(self, data: bytes, rate: int, channels: int) -> None:
        """Takes s16le samples; never waits."""
        seconds = len(data) / (2.0 * max(channels, 1) * max(rate, 1))
        if self._waiting_seconds > BACKLOG_SECONDS:
            if self._dropped_seconds == 0.0:
                _log.warning("undersong: sound comes faster than it is analysed; some is left out")
            self._dropped_seconds += seconds
            return
        self._waiting_seconds += seconds
        self._work.put((bytes(data), rate, channels, seconds))

    @property
    def dropped_seconds(self) -> float:
        """Sound left out, because it came faster than it could be analysed."""
        return self._dropped_seconds

    async def settle(self, seconds: float = WAIT_SECONDS) -> bool:
        """Waits until all sound pushed so far is analysed and nobody is speaking, but not longer than that; says whether it came so far.

        Sound must go on meanwhile: an utterance ends after 0.2 s of silence.
        """
        try:
            return await asyncio.wait_for(self._until_settled(), seconds)
        except asyncio.TimeoutError:
            return False

    async def close(self) -> None:
        """Ends the sound and waits for what is left to tell."""
        if self._thread.is_alive():
            self._work.put(None)
            while self._thread.is_alive():
                await asyncio.sleep(0.001)
        # What the thread said last is behind this in the loop.
        await asyncio.sleep(0)

    async def _until_settled(self) -> bool:
        analysed = asyncio.Event()
        self._work.put(analysed)
        await analysed.wait()
        while self.speaking:
            self._settled.clear()
            await self._settled.wait()
        return True

    def _hear(self, events: list[Event], seconds: float) -> None:
        self._waiting_seconds -= seconds
        for event in events:
            if event["type"] == "speech.start":
                self.speaking = True
            elif event["type"] == "emotion.final":
                self.speaking = False
                self._settled.set()
            self._tell(event)

    def _run(self) -> None:
        stream: Stream | None = None
        told = False
        while True:
            work = self._work.get()
            if isinstance(work, asyncio.Event):
                if not self._later(work.set):
                    return
                continue
            events: list[Event] = []
            seconds = 0.0
            try:
                if work is not None:
                    data, rate, channels, seconds = work
                    if stream is None or (stream.rate, stream.channels) != (rate, channels):
                        # Another sound: what the last one has left to tell comes before.
                        events += stream.close() if stream else []
                        stream = None
                        stream = self._analyzer.stream(rate, channels=channels)
                    frames = len(data) // (2 * channels)
                    events += stream.push(np.frombuffer(data, dtype="<i2", count=frames * channels))
                elif stream is not None:
                    events += stream.close()
            except UndersongError as error:
                # A voice agent goes on without: emotion is an extra.
                if not told:
                    _log.error("undersong: %s", error)
                told = True
            if not self._later(self._hear, events, seconds) or work is None:
                return

    def _later(self, call: Callable[..., object], *arguments: Any) -> bool:
        """On the loop; false if there is none any more."""
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            return False
        return True
