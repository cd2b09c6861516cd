"""Features of whole sounds, as ``undersong features`` writes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from undersong import _native
from undersong._sound import Sound, take


def mfcc(sound: Sound, rate: Any = None) -> NDArray[np.float32]:
    """MFCC of a sound: ``[frames, 40]``, float32.

    40 coefficients of 22,050 Hz sound, 2048-point transforms every 512 samples, 128 Slaney bands, an orthonormal DCT-II, a range of 80 dB: the numbers of
    ``librosa.feature.mfcc(y=y, sr=22050, n_mfcc=40).T``. Sound at another rate is resampled before; of several channels, the mean is taken.

    :param sound: a file, or an array ``[frames]`` or ``[frames, channels]``, which is not copied if it is float32, C-ordered, mono and at 22,050 Hz.
    :param rate: an array's samples per second.
    :raises SoundError: if there is no sound, or none that can be read.
    """
    return _native.mfcc(take(sound, rate, None))


def log_mel(sound: Sound, rate: Any = None) -> NDArray[np.float32]:
    """The log-mel bands under :func:`mfcc`: ``[frames, 128]``, float32, in dB, at most 80 dB below the loudest.

    The numbers of ``librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=22050)).T``.
    """
    return _native.log_mel(take(sound, rate, None))
