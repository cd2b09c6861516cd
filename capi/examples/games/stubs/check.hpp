// What the checks of the glue share: a real take, heard by the library, and events that no library sends.
#ifndef GAMES_CHECK_HPP
#define GAMES_CHECK_HPP

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>
#include <vector>

#include "undersong.hpp"

#define CHECK(condition)                                                                                       \
  do {                                                                                                         \
    if (!(condition)) {                                                                                        \
      std::fprintf(stderr, "%s:%d: not so: %s (%s)\n", __FILE__, __LINE__, #condition, undersong_last_error()); \
      std::exit(1);                                                                                            \
    }                                                                                                          \
  } while (0)

inline std::vector<float> sound_of(const char *path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  CHECK(file.good());
  std::vector<float> samples(static_cast<std::size_t>(file.tellg()) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char *>(samples.data()), static_cast<std::streamsize>(samples.size() * sizeof(float)));
  CHECK(file.good());
  return samples;
}

// Has a voice hear SOUND at RATE, and gives each event.
inline void hear(char **arguments, undersong::Live &live, const std::function<void(const UndersongEvent &)> &tell) {
  const std::vector<float> sound = sound_of(arguments[1]);
  for (std::size_t from = 0; from + 512 <= sound.size(); from += 512) {
    CHECK(live.push(std::span(sound).subspan(from, 512)) == UNDERSONG_CODE_OK);
    CHECK(live.wait() == UNDERSONG_CODE_OK);
    while (const auto event = live.poll()) tell(*event);
  }
}

// An update with numbers that are none.
inline UndersongEvent spoilt() {
  UndersongEvent event{};
  event.struct_size = sizeof event;
  event.kind = UNDERSONG_EVENT_KIND_UPDATE;
  event.emotions = 8;
  event.leading = 99;
  for (float &score : event.scores) score = std::numeric_limits<float>::quiet_NaN();
  event.valence = std::numeric_limits<float>::infinity();
  event.arousal = -0.25f;
  event.confidence = std::numeric_limits<float>::quiet_NaN();
  return event;
}

#endif
