"""Emotion from voice, on your machine: scans, live streams and features.

>>> import undersong
>>> scan = undersong.Analyzer().scan("take.flac")    # doctest: +SKIP
>>> scan.summary["emotion"]                          # doctest: +SKIP
'happy'

Scores say what a voice *sounds* like to a model that learned from actors; they do not say what somebody feels.
"""

from __future__ import annotations

from undersong._native import __version__
from undersong.analyzer import Analyzer
from undersong.dataset import dataset_columns, scan_dataset, spark_schema
from undersong.errors import (
    EngineError,
    InternalError,
    ModelError,
    SettingError,
    SoundError,
    StreamError,
    UndersongError,
)
from undersong.features import log_mel, mfcc
from undersong.result import Scan
from undersong.stream import Stream

__all__ = [
    "Analyzer",
    "EngineError",
    "InternalError",
    "ModelError",
    "Scan",
    "SettingError",
    "SoundError",
    "Stream",
    "StreamError",
    "UndersongError",
    "__version__",
    "dataset_columns",
    "log_mel",
    "mfcc",
    "scan_dataset",
    "spark_schema",
]
