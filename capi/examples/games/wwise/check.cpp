// Runs the Wwise glue on a real take against a stub that records: check SOUND RATE.
#include "undersong_wwise.hpp"

#include <set>

#include "check.hpp"

int main(int count, char **arguments) {
  CHECK(count == 3);
  auto live = undersong::Live::create(
      {.sample_rate_hz = static_cast<std::uint32_t>(std::atoi(arguments[2])), .pace = UNDERSONG_PACE_OFFLINE});
  CHECK(live);
  const auto labels = live->model()->labels();
  CHECK(labels);
  undersong::WwiseGlue glue(*labels, 42);
  std::set<std::string> states;
  std::size_t updates = 0, switches = 0;
  std::string last;
  hear(arguments, *live, [&](const UndersongEvent &event) {
    stub::calls.clear();
    glue.tell(event);
    if (event.kind != UNDERSONG_EVENT_KIND_UPDATE) {
      CHECK(stub::calls.empty());
      return;
    }
    ++updates;
    CHECK(stub::calls.size() == 11 || stub::calls.size() == 12);
    for (std::size_t index = 0; index < stub::calls.size(); ++index) {
      const stub::Call &call = stub::calls[index];
      CHECK(call.object == 42 && call.duration == 0 && std::isfinite(call.value));
      CHECK(call.is_switch == (index == 11));
      if (index < 8) CHECK(call.name == "Undersong_" + (*labels)[index] && call.value == event.scores[index]);
    }
    CHECK(stub::calls[8].name == "Undersong_valence" && stub::calls[8].value == event.valence);
    CHECK(stub::calls[10].name == "Undersong_confidence" && stub::calls[10].value == event.confidence);
    const std::string expected = event.leading >= 0 && !event.unsure ? (*labels)[static_cast<std::size_t>(event.leading)] : "none";
    if (stub::calls.size() == 12) {
      CHECK(stub::calls[11].name == "Undersong_Emotion" && stub::calls[11].state == expected);
      ++switches;
      last = expected;
      states.insert(expected);
    }
    CHECK(last == expected);
  });
  CHECK(updates > 40 && states.size() >= 3 && switches < updates);
  stub::calls.clear();
  glue.tell(spoilt());
  for (const stub::Call &call : stub::calls) CHECK(std::isfinite(call.value));
  CHECK(stub::calls.front().name == "Undersong_arousal");
  std::printf("Wwise: %zu updates, %zu switches\n", updates, switches);
  return 0;
}
