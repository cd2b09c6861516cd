"""Features are the core's: the command's files, and librosa's numbers."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile
from conftest import SAMPLE, command

import undersong


def of_command(folder: Path, sound: Path, *arguments: str) -> np.ndarray:
    command("features", str(sound), "--out", str(folder / "out.npy"), *arguments)
    return np.load(folder / "out.npy")


def test_mfcc_equal_the_commands_to_the_bit(tmp_path: Path, sample: tuple[np.ndarray, int]) -> None:
    sound, rate = sample
    expected = of_command(tmp_path, SAMPLE)
    for found in (undersong.mfcc(SAMPLE), undersong.mfcc(sound, rate), undersong.mfcc(str(SAMPLE))):
        assert found.dtype == np.float32 and found.shape == expected.shape and found.shape[1] == 40
        assert (found == expected).all()
    # Planned once, used again, for sounds of other lengths between.
    undersong.mfcc(sound[:5000], rate)
    assert (undersong.mfcc(sound, rate) == expected).all()


def test_sound_at_another_rate_and_of_two_channels_is_brought_to_the_features(tmp_path: Path, sample: tuple[np.ndarray, int]) -> None:
    sound, rate = sample
    stereo = np.stack([sound, np.roll(sound, 400)], axis=1)
    path = tmp_path / "stereo.wav"
    soundfile.write(path, stereo, 44_100, subtype="FLOAT")
    assert (undersong.mfcc(stereo, 44_100) == of_command(tmp_path, path)).all()


def test_they_are_librosas_numbers(sample: tuple[np.ndarray, int]) -> None:
    sound, rate = sample
    assert rate == 22_050
    theirs = librosa.feature.mfcc(y=sound, sr=rate, n_mfcc=40).T
    assert np.abs(undersong.mfcc(sound, rate) - theirs).max() < 2e-3
    bands = librosa.power_to_db(librosa.feature.melspectrogram(y=sound, sr=rate)).T
    ours = undersong.log_mel(sound, rate)
    assert ours.shape == bands.shape == (len(theirs), 128)
    assert np.abs(ours - bands).max() < 2e-3


def test_a_models_features_are_the_commands(tmp_path: Path, builtin: undersong.Analyzer, sample: tuple[np.ndarray, int]) -> None:
    expected = of_command(tmp_path, SAMPLE, "--config", "model")
    assert (builtin.features(SAMPLE) == expected).all()
    assert (builtin.features(*sample) == expected).all()


def test_the_array_belongs_to_whoever_asked(sample: tuple[np.ndarray, int]) -> None:
    first = undersong.mfcc(*sample)
    copy = first.copy()
    first[:] = 0
    assert (undersong.mfcc(*sample) == copy).all()


@pytest.mark.parametrize("samples", [1, 511, 512, 2048])
def test_short_sounds_have_frames(samples: int) -> None:
    assert undersong.mfcc(np.ones(samples, np.float32), 22_050).shape == (1 + samples // 512, 40)
