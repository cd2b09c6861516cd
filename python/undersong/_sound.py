"""What Python passes as a sound, checked and made into what the native half reads in place."""

from __future__ import annotations

import math
import operator
import os
from typing import Any, Optional, Union

import numpy as np
from numpy.typing import NDArray

from undersong.errors import SettingError, SoundError

#: A file, or samples ``[frames]`` or ``[frames, channels]``.
Sound = Union[str, "os.PathLike[str]", Any]

#: As the native half takes it.
Taken = tuple[str, Optional[tuple[NDArray[np.float32], int]]]

MAX_CHANNELS = 8
_LARGEST_U32 = 2**32 - 1


def whole(value: Any, name: str, least: int, most: int, code: str, error: type = SettingError) -> int:
    """A whole number in a range; 44100.0 is one, True is none."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = int(value) if isinstance(value, (float, np.floating)) and value == int(value) else operator.index(value)
    except (TypeError, ValueError, OverflowError):
        raise error(f"{name} is {value!r}; expected a whole number from {least} to {most}", code) from None
    if not least <= number <= most:
        raise error(f"{name} is {number}; expected {least} to {most}", code)
    return number


def seconds(value: Any, name: str, code: str) -> float:
    """A number of seconds; its range is the core's affair."""
    return number(value, name, code, "seconds, such as 0.25")


def number(value: Any, name: str, code: str, expected: str) -> float:
    """A number that is one; its range is the core's affair."""
    try:
        taken = float(value)
    except (TypeError, ValueError):
        taken = math.nan
    if math.isnan(taken):
        raise SettingError(f"{name} is {value!r}; expected {expected}", code)
    return taken


def rate_hz(value: Any) -> int:
    """A sample rate as a whole number; whether a voice is recorded so, the core knows."""
    if value is None:
        raise SoundError("an array has no sample rate; say it, as in `rate=16000`", "rate")
    return whole(value, "the sample rate", 8_000, 384_000, "rate", SoundError)


def samples(array: Any) -> NDArray[np.float32]:
    """Samples as 32-bit floats in C order, full scale 1.

    An array that is that already is not copied. Other floats and whole numbers of 8 (unsigned), 16 and 32 bits are converted; so is what lies in another
    order in memory.
    """
    array = np.asarray(array)
    if array.ndim not in (1, 2):
        raise SoundError(f"an array of {array.ndim} dimensions; expected [frames] or [frames, channels]", "shape")
    if array.ndim == 2 and not 1 <= array.shape[1] <= MAX_CHANNELS:
        frames, channels = array.shape
        hint = "; it looks like [channels, frames]: pass its transpose, `array.T`" if 1 <= frames <= MAX_CHANNELS < channels else ""
        raise SoundError(f"{channels} channels; expected 1 to {MAX_CHANNELS} (their mean is listened to){hint}", "channels")
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "f":
        pass
    elif kind == "i" and size in (2, 4):
        array = array.astype(np.float32 if size == 2 else np.float64) / 2.0 ** (8 * size - 1)
    elif kind == "u" and size == 1:
        array = (array.astype(np.float32) - 128.0) / 128.0
    else:
        raise SoundError(
            f"an array of {array.dtype}; expected floats with full scale at 1, or whole numbers of 8 (unsigned), 16 or 32 bits", "dtype"
        )
    # What is too large for 32 bits becomes infinite, and is refused as such.
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def take(sound: Sound, rate: Any, name: str | None) -> Taken:
    """A file by its path, or an array with its rate."""
    if isinstance(sound, (str, os.PathLike)):
        if rate is not None:
            raise SoundError("a file has its own sample rate; leave out `rate`", "rate")
        return os.fspath(sound), None
    if sound is None or isinstance(sound, (bytes, bytearray, memoryview)):
        raise SoundError(
            f"{type(sound).__name__} is no sound; expected a path or an array (`np.frombuffer(data, dtype='<i2')` makes one of s16le bytes)", "dtype"
        )
    array = samples(sound)
    if array.size == 0:
        raise SoundError(f"{name or 'array'}: the sound has no samples; expected at least one", "empty")
    return name or "array", (array, rate_hz(rate))
