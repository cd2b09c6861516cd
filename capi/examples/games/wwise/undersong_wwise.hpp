// Undersong to Wwise: each score to an RTPC, valence, arousal and confidence to three more, the leading emotion to a Switch.
//
// In the Wwise project: Game Parameters Undersong_happy, Undersong_sad, … (0 to 1), Undersong_valence and Undersong_arousal (-1 to 1),
// Undersong_confidence (0 to 1); a Switch Group Undersong_Emotion with a Switch for each emotion, and `none`. What the project lacks, Wwise ignores.
//
// Values go at an interpolation of 0: how fast music follows is the designer's slew on the Game Parameter. A number that is none is never sent, since
// Wwise refuses it. Call `tell` on the thread that polls; Wwise queues the calls for its own.
#ifndef UNDERSONG_WWISE_HPP
#define UNDERSONG_WWISE_HPP

#include <AK/SoundEngine/Common/AkSoundEngine.h>

#include <cmath>
#include <string>
#include <vector>

#include "undersong.hpp"

namespace undersong {

class WwiseGlue {
 public:
  // `labels` is what `Model::labels` gives, `object` the game object whose music and sound follow, or AK_INVALID_GAME_OBJECT for all.
  WwiseGlue(const std::vector<std::string> &labels, AkGameObjectID object) : object_(object) {
    for (const std::string &label : labels) {
      scores_.push_back(id_of("Undersong_" + label));
      switches_.push_back(id_of(label));
    }
    none_ = id_of("none");
    group_ = id_of("Undersong_Emotion");
    valence_ = id_of("Undersong_valence");
    arousal_ = id_of("Undersong_arousal");
    confidence_ = id_of("Undersong_confidence");
  }

  void tell(const UndersongEvent &event) {
    if (event.kind != UNDERSONG_EVENT_KIND_UPDATE) return;
    for (std::size_t index = 0; index < scores_.size() && index < event.emotions; ++index) {
      send(scores_[index], event.scores[index]);
    }
    send(valence_, event.valence);
    send(arousal_, event.arousal);
    send(confidence_, event.confidence);
    // Numbers first: a transition that the Switch starts then reads this update's.
    const bool known = event.leading >= 0 && event.unsure == 0 && static_cast<std::size_t>(event.leading) < switches_.size();
    const AkUniqueID state = known ? switches_[static_cast<std::size_t>(event.leading)] : none_;
    if (state != sent_ && AK::SoundEngine::SetSwitch(group_, state, object_) == AK_Success) sent_ = state;
  }

 private:
  static AkUniqueID id_of(const std::string &name) { return AK::SoundEngine::GetIDFromString(name.c_str()); }

  void send(AkRtpcID id, float value) {
    if (std::isfinite(value)) AK::SoundEngine::SetRTPCValue(id, value, object_, 0, AkCurveInterpolation_Linear, false);
  }

  AkGameObjectID object_;
  std::vector<AkUniqueID> scores_, switches_;
  AkUniqueID none_ = AK_INVALID_UNIQUE_ID, group_ = AK_INVALID_UNIQUE_ID;
  AkUniqueID valence_ = AK_INVALID_UNIQUE_ID, arousal_ = AK_INVALID_UNIQUE_ID, confidence_ = AK_INVALID_UNIQUE_ID;
  AkUniqueID sent_ = AK_INVALID_UNIQUE_ID;
};

}  // namespace undersong

#endif
