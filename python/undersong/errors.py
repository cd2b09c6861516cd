"""What can go wrong. Each exception says what was found, what was expected and what to do, and has a ``code`` for programs.

=============== ==================== =========================================================================
class           code                 what
=============== ==================== =========================================================================
SoundError      ``unreadable``       a file is missing, damaged, no sound, or too short to say anything about
SoundError      ``empty``            an array without samples
SoundError      ``not_finite``       a sample is NaN, infinite or a million times full scale
SoundError      ``rate``             a sample rate outside 8 to 384 kHz, or none with an array
SoundError      ``channels``         no channel, or more than 8
SoundError      ``shape``            an array of other dimensions, or of other channels than the stream's
SoundError      ``dtype``            an array of a type that is no sound's
SettingError    ``engine``, ``hop``, ``jobs``, ``loudness_target``, ``pace``, ``priors``, ``rows``, ``smoothing``
ModelError      ``model_not_found``  no such model file
ModelError      ``model_unusable``   a file that is no model of Undersong's, or damaged
ModelError      ``profile_unusable`` no speaker's profile, or one for other features
EngineError     ``engine_unusable``  the engine asked for is not to be had here
EngineError     ``engine_failed``    the engine gave no numbers
StreamError     ``closed``           a push after close
StreamError     ``forked``           a stream used in another process than its own
StreamError     ``threads``          the system gives no more threads
InternalError   ``internal``         a fault of Undersong's own; please report it
=============== ==================== =========================================================================
"""

from __future__ import annotations

from typing import Any


class UndersongError(Exception):
    """Anything that Undersong raises by itself."""

    #: What went wrong, for programs.
    code: str

    def __init__(self, message: str, code: str = "internal") -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        # With its code: errors travel between the processes of Ray, Dask and Spark.
        return type(self), (str(self), self.code)


class SoundError(UndersongError, ValueError):
    """A sound that cannot be listened to."""


class SettingError(UndersongError, ValueError):
    """A setting that makes no sense."""


class ModelError(UndersongError):
    """A model or a speaker's profile that cannot be used."""


class EngineError(UndersongError, RuntimeError):
    """What runs the network cannot, or failed."""


class StreamError(UndersongError, RuntimeError):
    """A stream that cannot be used so."""


class InternalError(UndersongError, RuntimeError):
    """A fault of Undersong's own."""
