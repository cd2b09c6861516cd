// A stub of Unreal Engine; see CoreMinimal.h.
#pragma once

#include "CoreMinimal.h"

class USoundSubmix {};

class ISubmixBufferListener {
 public:
  virtual ~ISubmixBufferListener() = default;
  virtual void OnNewSubmixBuffer(const USoundSubmix *OwningSubmix, float *AudioData, int32 NumSamples, int32 NumChannels, const int32 SampleRate, double AudioClock) = 0;
};

class FAudioDevice {
 public:
  float sample_rate = 48000.0f;
  ISubmixBufferListener *listener = nullptr;
  float GetSampleRate() const { return sample_rate; }
  void RegisterSubmixBufferListener(ISubmixBufferListener *given, USoundSubmix * = nullptr) { listener = given; }
  void UnregisterSubmixBufferListener(ISubmixBufferListener *, USoundSubmix * = nullptr) { listener = nullptr; }
};
