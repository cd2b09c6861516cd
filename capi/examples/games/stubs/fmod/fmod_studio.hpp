// A stub of FMOD Studio's fmod_studio.hpp: the published signatures that undersong_fmod.hpp uses. It records calls and plays nothing. Not FMOD.
#ifndef STUB_FMOD_STUDIO_HPP
#define STUB_FMOD_STUDIO_HPP

#include <map>
#include <string>
#include <vector>

enum FMOD_RESULT { FMOD_OK = 0, FMOD_ERR_INVALID_PARAM = 31, FMOD_ERR_EVENT_NOTFOUND = 74 };

struct FMOD_STUDIO_PARAMETER_ID {
  unsigned int data1;
  unsigned int data2;
};

struct FMOD_STUDIO_PARAMETER_DESCRIPTION {
  const char *name;
  FMOD_STUDIO_PARAMETER_ID id;
  float minimum, maximum, defaultvalue;
};

// What was called, for whoever checks it; and the parameters that the event has.
namespace stub {
struct Call {
  bool is_label;
  std::vector<std::string> names;
  std::vector<float> values;
  std::string label;
};
inline std::vector<Call> calls;
inline std::vector<std::string> parameters;
inline int lookups = 0;
}  // namespace stub

namespace FMOD {
namespace Studio {

class EventDescription {
 public:
  FMOD_RESULT getParameterDescriptionByName(const char *name, FMOD_STUDIO_PARAMETER_DESCRIPTION *parameter) const {
    ++stub::lookups;
    for (unsigned int index = 0; index < stub::parameters.size(); ++index) {
      if (stub::parameters[index] == name) {
        *parameter = {stub::parameters[index].c_str(), {index, 7}, 0, 1, 0};
        return FMOD_OK;
      }
    }
    return FMOD_ERR_EVENT_NOTFOUND;
  }
};

class EventInstance {
 public:
  FMOD_RESULT getDescription(EventDescription **description) const {
    static EventDescription own;
    *description = &own;
    return FMOD_OK;
  }

  FMOD_RESULT setParametersByIDs(const FMOD_STUDIO_PARAMETER_ID *ids, float *values, int count, bool = false) {
    stub::Call call{false, {}, {}, ""};
    for (int index = 0; index < count; ++index) {
      call.names.push_back(stub::parameters.at(ids[index].data1));
      call.values.push_back(values[index]);
    }
    stub::calls.push_back(call);
    return FMOD_OK;
  }

  FMOD_RESULT setParameterByIDWithLabel(FMOD_STUDIO_PARAMETER_ID id, const char *label, bool = false) {
    stub::calls.push_back({true, {stub::parameters.at(id.data1)}, {}, label});
    return FMOD_OK;
  }
};

}  // namespace Studio
}  // namespace FMOD

#endif
