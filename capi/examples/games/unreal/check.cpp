// Runs the Unreal component on a real take against stubs: check SOUND RATE.
#include "UndersongComponent.h"

#include <chrono>
#include <thread>

#include "check.hpp"

int main(int count, char **arguments) {
  CHECK(count == 3);
  UWorld world;
  world.device.sample_rate = static_cast<float>(std::atoi(arguments[2]));
  UUndersongComponent component;
  component.world = &world;
  int updates = 0, named = 0;
  component.OnUpdated.listeners.push_back([&](FName label, float confidence) {
    ++updates;
    named += !label.IsNone();
    CHECK(std::isfinite(confidence));
  });
  const auto tick = [&] { component.TickComponent(1.0f / 60, LEVELTICK_All, nullptr); };
  tick();
  component.BeginPlay();
  CHECK(world.device.listener == &component);
  const std::vector<float> sound = sound_of(arguments[1]);
  std::vector<float> block(2 * 512);
  bool spoke = false, moved = false;
  for (std::size_t from = 0; from + 512 <= sound.size(); from += 512) {
    for (std::size_t frame = 0; frame < 512; ++frame) block[2 * frame] = block[2 * frame + 1] = sound[from + frame];
    component.OnNewSubmixBuffer(nullptr, block.data(), 1024, 2, 48000, 0.0);
    // Another number of channels is left out.
    component.OnNewSubmixBuffer(nullptr, block.data(), 1024, 4, 48000, 0.0);
    tick();
    spoke |= component.bSpeaking;
    moved |= component.ScoreOf(FName("happy")) > 0 && component.Valence != 0 && component.Arousal != 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  for (int turn = 0; turn < 100 && updates < 40; ++turn) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    tick();
  }
  CHECK(component.ScoreOf(FName("no such emotion")) == 0);
  component.EndPlay(EEndPlayReason::Destroyed);
  CHECK(world.device.listener == nullptr);
  component.OnNewSubmixBuffer(nullptr, block.data(), 1024, 2, 48000, 0.0);
  tick();
  CHECK(updates > 20 && named > 5 && spoke && moved);
  // A rate that is none is said, and nothing is listened to.
  world.device.sample_rate = 0;
  component.BeginPlay();
  CHECK(world.device.listener == nullptr);
  std::printf("Unreal: %d updates, %d with a label\n", updates, named);
  return 0;
}
