// Runs the FMOD glue on a real take against a stub that records: check SOUND RATE.
#include "undersong_fmod.hpp"

#include <set>

#include "check.hpp"

int main(int count, char **arguments) {
  CHECK(count == 3);
  auto live = undersong::Live::create(
      {.sample_rate_hz = static_cast<std::uint32_t>(std::atoi(arguments[2])), .pace = UNDERSONG_PACE_OFFLINE});
  CHECK(live);
  const auto labels = live->model()->labels();
  CHECK(labels);
  // An event that has some of the parameters, in an order of its own.
  stub::parameters = {"Undersong_arousal", "Undersong_Emotion", "Undersong_sad", "Undersong_happy", "Undersong_confidence"};
  FMOD::Studio::EventInstance event_instance;
  undersong::FmodGlue glue(*labels, &event_instance);
  const int lookups = stub::lookups;
  CHECK(lookups == 12);
  std::set<std::string> states;
  std::size_t updates = 0, changes = 0;
  std::string last;
  hear(arguments, *live, [&](const UndersongEvent &event) {
    stub::calls.clear();
    glue.tell(event);
    if (event.kind != UNDERSONG_EVENT_KIND_UPDATE) {
      CHECK(stub::calls.empty());
      return;
    }
    ++updates;
    CHECK(stub::calls.size() == 1 || stub::calls.size() == 2);
    const stub::Call &batch = stub::calls[0];
    CHECK(!batch.is_label && batch.names.size() == 4);
    CHECK(batch.names[0] == "Undersong_happy" && batch.values[0] == event.scores[2]);
    CHECK(batch.names[1] == "Undersong_sad" && batch.values[1] == event.scores[3]);
    CHECK(batch.names[2] == "Undersong_arousal" && batch.values[2] == event.arousal);
    for (float value : batch.values) CHECK(std::isfinite(value));
    const std::string expected = event.leading >= 0 && !event.unsure ? (*labels)[static_cast<std::size_t>(event.leading)] : "none";
    if (stub::calls.size() == 2) {
      CHECK(stub::calls[1].is_label && stub::calls[1].names[0] == "Undersong_Emotion" && stub::calls[1].label == expected);
      ++changes;
      last = expected;
      states.insert(expected);
    }
    CHECK(last == expected);
  });
  CHECK(updates > 40 && states.size() >= 3 && changes < updates && stub::lookups == lookups);
  stub::calls.clear();
  glue.tell(spoilt());
  CHECK(stub::calls[0].names == std::vector<std::string>{"Undersong_arousal"} && stub::calls[0].values[0] == -0.25f);
  std::printf("FMOD: %zu updates, %zu labels\n", updates, changes);
  return 0;
}
