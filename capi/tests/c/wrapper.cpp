// The C++ wrapper: what it owns goes by itself, what fails says why, with exceptions and without.
//
// wrapper SOUND RATE
#include "undersong.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <type_traits>

#define CHECK(condition)                                                                                       \
  do {                                                                                                         \
    if (!(condition)) {                                                                                        \
      std::fprintf(stderr, "%s:%d: not so: %s (%s)\n", __FILE__, __LINE__, #condition, undersong_last_error()); \
      std::exit(1);                                                                                            \
    }                                                                                                          \
  } while (0)

static_assert(std::is_nothrow_move_constructible_v<undersong::Live>);
static_assert(!std::is_copy_constructible_v<undersong::Live>);

static std::vector<float> sound_of(const char *path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  CHECK(file.good());
  std::vector<float> samples(static_cast<std::size_t>(file.tellg()) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char *>(samples.data()), static_cast<std::streamsize>(samples.size() * sizeof(float)));
  CHECK(file.good());
  return samples;
}

int main(int count, char **arguments) {
  CHECK(count == 3);
  const std::vector<float> sound = sound_of(arguments[1]);
  const auto rate_hz = static_cast<std::uint32_t>(std::atoi(arguments[2]));
  CHECK(undersong::version().size() >= 5);

  auto model = undersong::Model::open({.engine = UNDERSONG_ENGINE_BUILTIN});
  CHECK(model);
  const auto labels = model->labels();
  CHECK(labels && labels->size() == 8 && labels->front() == "neutral");

  auto scan = undersong::Scan::of(sound, {.sample_rate_hz = rate_hz, .model = &*model});
  CHECK(scan);
  const auto summary = scan->summary();
  CHECK(summary && summary->windows > 10 && summary->leading >= 0);
  CHECK(scan->window(0) && scan->window(0)->emotions == 8);
  CHECK(scan->window(summary->windows).code() == UNDERSONG_CODE_INDEX);

  auto made = undersong::Live::create(
      {.sample_rate_hz = rate_hz, .channels = 2, .pace = UNDERSONG_PACE_OFFLINE, .model = &*model});
  CHECK(made);
  undersong::Live live = std::move(*made);
  const std::size_t block = rate_hz / 100;
  std::vector<float> frames(2 * block);
  std::size_t updates = 0;
  for (std::size_t from = 0; from + block <= sound.size(); from += block) {
    for (std::size_t frame = 0; frame < block; ++frame) frames[2 * frame] = frames[2 * frame + 1] = sound[from + frame];
    CHECK(live.push(frames) == UNDERSONG_CODE_OK);
    CHECK(live.wait() == UNDERSONG_CODE_OK);
    while (const auto event = live.poll()) updates += event->kind == UNDERSONG_EVENT_KIND_UPDATE;
  }
  CHECK(updates + 12 >= summary->windows);
  CHECK(live.latest() && live.status() && live.model());
  CHECK(live.status()->dropped_frames == 0);
  // A frame that is not whole, a channel too few.
  CHECK(live.push(std::span<const float>(frames).first(3)) == UNDERSONG_CODE_VALUE);
  const float *const one[] = {frames.data()};
  CHECK(live.push(one, block) == UNDERSONG_CODE_CHANNELS);
  CHECK(live.reset() == UNDERSONG_CODE_OK && !live.poll());

  // What was moved from is nothing, and says so.
  CHECK(made->push(frames) == UNDERSONG_CODE_HANDLE);
  undersong::Live other = undersong::Live::create({.sample_rate_hz = rate_hz}).operator*();
  other = std::move(live);
  CHECK(other.push(frames) == UNDERSONG_CODE_OK);

  const auto refused = undersong::Live::create({.sample_rate_hz = 0});
  CHECK(!refused && refused.code() == UNDERSONG_CODE_SAMPLE_RATE);
  CHECK(refused.message().find("8000") != std::string::npos);
  CHECK(undersong::failed(refused.code()) && !undersong::failed(UNDERSONG_CODE_EMPTY));
#if defined(__cpp_exceptions)
  try {
    undersong::Live::create({.channels = 9}).value();
    CHECK(false);
  } catch (const undersong::Error &error) {
    CHECK(error.code() == UNDERSONG_CODE_CHANNELS);
  }
#endif
  std::puts("done");
  return 0;
}
