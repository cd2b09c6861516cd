"""`Stream`: sound in, events out. The events are the lines of ``undersong stream`` as dictionaries."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any

from undersong import _native
from undersong._sound import samples

#: One event: ``core/schema/stream.schema.json`` says what its fields mean. ``event["type"]`` is ``speech.start``, ``emotion.update``,
#: ``emotion.final`` or ``warning``.
Event = dict[str, Any]


class Stream:
    """One stream. Any thread may push; events come in the order of the sound. Made by :meth:`Analyzer.stream`.

    As a context it is closed at the end, whose events are then lost: call :meth:`close` for them.
    """

    def __init__(self, native: _native.Stream, rate: int, channels: int) -> None:
        self._native = native
        #: Samples per second.
        self.rate = rate
        #: Channels.
        self.channels = channels
        self._closed = False
        self._taken = 0

    def push(self, sound: Any) -> list[Event]:
        """Takes samples and gives what there is to tell by now.

        ``[frames]`` of one channel, or interleaved; or ``[frames, channels]``. As in :meth:`Analyzer.scan`, float32 is read in place. An array without
        samples gives what has become known since the last call. A sample that is no number counts as silence, and a ``warning`` tells of it: a live
        voice goes on.

        :raises StreamError: after :meth:`close`.
        :raises SoundError: for an array that is not the stream's; nothing is taken then.
        """
        return _events(self._native.push(samples(sound)))

    def poll(self) -> list[Event]:
        """What has become known since the last call, at the pace ``"live"``."""
        return _events(self._native.poll())

    def close(self) -> list[Event]:
        """Ends the sound and gives all that is left to tell: somebody who is still speaking stops here.

        :raises StreamError: the second time.
        """
        taken = self._native.position()
        events = _events(self._native.close())
        # The end is found by silence behind the sound, which is nobody's.
        self._taken, self._closed = taken, True
        return events

    @property
    def position_ms(self) -> float:
        """Sound taken so far."""
        taken = self._taken if self._closed else self._native.position()
        return taken * 1e3 / self.rate

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not self._closed:
            self.close()


def _events(text: str) -> list[Event]:
    events: list[Event] = json.loads(text)
    return events
