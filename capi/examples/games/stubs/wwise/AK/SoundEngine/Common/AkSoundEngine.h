// A stub of Wwise's AkSoundEngine.h: the published signatures that undersong_wwise.hpp uses. It records calls and plays nothing. Not Wwise.
#ifndef STUB_AK_SOUND_ENGINE_H
#define STUB_AK_SOUND_ENGINE_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

typedef uint32_t AkUInt32;
typedef uint64_t AkUInt64;
typedef int32_t AkInt32;
typedef float AkReal32;
typedef AkUInt32 AkUniqueID;
typedef AkUniqueID AkRtpcID;
typedef AkUniqueID AkSwitchGroupID;
typedef AkUniqueID AkSwitchStateID;
typedef AkReal32 AkRtpcValue;
typedef AkUInt64 AkGameObjectID;
typedef AkInt32 AkTimeMs;

static const AkUniqueID AK_INVALID_UNIQUE_ID = 0;
static const AkGameObjectID AK_INVALID_GAME_OBJECT = static_cast<AkGameObjectID>(-1);

enum AKRESULT { AK_NotImplemented = 0, AK_Success = 1, AK_Fail = 2, AK_InvalidParameter = 31 };
enum AkCurveInterpolation { AkCurveInterpolation_Linear = 4 };

// What was called, for whoever checks it.
namespace stub {
struct Call {
  bool is_switch;
  std::string name, state;
  float value;
  AkTimeMs duration;
  AkGameObjectID object;
};
inline std::vector<Call> calls;
inline std::map<AkUniqueID, std::string> names;
}  // namespace stub

namespace AK {
namespace SoundEngine {

inline AkUniqueID GetIDFromString(const char *in_pszString) {
  // FNV-1 over lower case, as Audiokinetic documents it.
  AkUniqueID hash = 2166136261u;
  for (const char *at = in_pszString; *at; ++at) hash = hash * 16777619u ^ static_cast<unsigned char>(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
  stub::names[hash] = in_pszString;
  return hash;
}

inline AKRESULT SetRTPCValue(AkRtpcID in_rtpcID, AkRtpcValue in_value, AkGameObjectID in_gameObjectID = AK_INVALID_GAME_OBJECT,
                             AkTimeMs in_uValueChangeDuration = 0, AkCurveInterpolation = AkCurveInterpolation_Linear,
                             bool = false) {
  stub::calls.push_back({false, stub::names.at(in_rtpcID), "", in_value, in_uValueChangeDuration, in_gameObjectID});
  return in_value == in_value ? AK_Success : AK_InvalidParameter;
}

inline AKRESULT SetSwitch(AkSwitchGroupID in_switchGroup, AkSwitchStateID in_switchState, AkGameObjectID in_gameObjectID) {
  stub::calls.push_back({true, stub::names.at(in_switchGroup), stub::names.at(in_switchState), 0, 0, in_gameObjectID});
  return AK_Success;
}

}  // namespace SoundEngine
}  // namespace AK

#endif
