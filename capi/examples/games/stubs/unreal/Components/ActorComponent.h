// A stub of Unreal Engine; see CoreMinimal.h.
#pragma once

#include "AudioDevice.h"

namespace EEndPlayReason { enum Type { Destroyed }; }
enum ELevelTick { LEVELTICK_All };
struct FActorComponentTickFunction { bool bCanEverTick = false; };

class UWorld {
 public:
  FAudioDevice device;
  FAudioDevice *GetAudioDeviceRaw() { return &device; }
};

class UActorComponent {
 public:
  UWorld *world = nullptr;
  FActorComponentTickFunction PrimaryComponentTick;
  virtual ~UActorComponent() = default;
  UWorld *GetWorld() const { return world; }
  virtual void BeginPlay() {}
  virtual void EndPlay(const EEndPlayReason::Type) {}
  virtual void TickComponent(float, ELevelTick, FActorComponentTickFunction *) {}
};
