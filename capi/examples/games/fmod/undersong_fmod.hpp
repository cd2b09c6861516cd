// Undersong to FMOD Studio: each score to a parameter of an event instance, valence, arousal and confidence to three more, the leading emotion to a
// labelled parameter.
//
// In the FMOD project, on the event: parameters Undersong_happy, Undersong_sad, … (0 to 1), Undersong_valence and Undersong_arousal (-1 to 1),
// Undersong_confidence (0 to 1), and a labelled one, Undersong_Emotion, with a label for each emotion, and `none`. What the event lacks is left out.
//
// Ids are looked up once, and numbers go in one batch an update. A number that is none is never sent.
#ifndef UNDERSONG_FMOD_HPP
#define UNDERSONG_FMOD_HPP

#include <cmath>
#include <fmod_studio.hpp>
#include <string>
#include <vector>

#include "undersong.hpp"

namespace undersong {

class FmodGlue {
 public:
  // `labels` is what `Model::labels` gives; `event` is the caller's, and outlives this.
  FmodGlue(const std::vector<std::string> &labels, FMOD::Studio::EventInstance *event) : event_(event), labels_(labels) {
    FMOD::Studio::EventDescription *description = nullptr;
    if (event->getDescription(&description) != FMOD_OK) return;
    const auto find = [&](const std::string &name, std::size_t source) {
      FMOD_STUDIO_PARAMETER_DESCRIPTION parameter{};
      if (description->getParameterDescriptionByName(name.c_str(), &parameter) != FMOD_OK) return;
      known_ids_.push_back(parameter.id);
      sources_.push_back(source);
    };
    for (std::size_t index = 0; index < labels.size(); ++index) find("Undersong_" + labels[index], index);
    find("Undersong_valence", UNDERSONG_MAX_EMOTIONS);
    find("Undersong_arousal", UNDERSONG_MAX_EMOTIONS + 1);
    find("Undersong_confidence", UNDERSONG_MAX_EMOTIONS + 2);
    FMOD_STUDIO_PARAMETER_DESCRIPTION emotion{};
    has_emotion_ = description->getParameterDescriptionByName("Undersong_Emotion", &emotion) == FMOD_OK;
    emotion_ = emotion.id;
    ids_.reserve(known_ids_.size());
    values_.reserve(known_ids_.size());
  }

  void tell(const UndersongEvent &event) {
    if (event.kind != UNDERSONG_EVENT_KIND_UPDATE) return;
    ids_.clear();
    values_.clear();
    for (std::size_t index = 0; index < known_ids_.size(); ++index) {
      const float value = value_of(event, sources_[index]);
      if (!std::isfinite(value)) continue;
      ids_.push_back(known_ids_[index]);
      values_.push_back(value);
    }
    if (!ids_.empty()) event_->setParametersByIDs(ids_.data(), values_.data(), static_cast<int>(ids_.size()), false);
    const bool known = event.leading >= 0 && event.unsure == 0 && static_cast<std::size_t>(event.leading) < labels_.size();
    const char *label = known ? labels_[static_cast<std::size_t>(event.leading)].c_str() : "none";
    if (has_emotion_ && sent_ != label && event_->setParameterByIDWithLabel(emotion_, label, false) == FMOD_OK) sent_ = label;
  }

 private:
  static float value_of(const UndersongEvent &event, std::size_t source) {
    if (source < UNDERSONG_MAX_EMOTIONS) return event.scores[source];
    const float affect[] = {event.valence, event.arousal, event.confidence};
    return affect[source - UNDERSONG_MAX_EMOTIONS];
  }

  FMOD::Studio::EventInstance *event_;
  std::vector<std::string> labels_;
  std::vector<FMOD_STUDIO_PARAMETER_ID> known_ids_, ids_;
  std::vector<std::size_t> sources_;
  std::vector<float> values_;
  FMOD_STUDIO_PARAMETER_ID emotion_{};
  bool has_emotion_ = false;
  std::string sent_;
};

}  // namespace undersong

#endif
