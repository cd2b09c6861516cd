/* Structs from an older header, which end early, and from a newer one, which have more.
 *
 * versions SOUND RATE
 */
#include <stddef.h>

#include "check.h"

/* UndersongLiveConfig as it may have been: what came later is missing, and what lies behind it in memory is not it. */
typedef struct OldConfig {
  uint32_t struct_size;
  uint32_t sample_rate_hz;
  uint32_t channels;
  uint32_t pace;
} OldConfig;

/* And as it may be: with something new. */
typedef struct NewConfig {
  UndersongLiveConfig known;
  double something_new;
} NewConfig;

/* UndersongEvent without the raw scores. */
typedef struct OldEvent {
  unsigned char known[offsetof(UndersongEvent, raw)];
} OldEvent;

typedef struct NewEvent {
  UndersongEvent known;
  double something_new;
} NewEvent;

int main(int count, char **arguments) {
  CHECK(count == 3);
  Sound sound = sound_open(arguments[1]);
  uint32_t rate_hz = (uint32_t)atoi(arguments[2]);

  struct {
    OldConfig config;
    unsigned char behind[256];
  } old;
  memset(&old, 0xff, sizeof old);
  old.config = (OldConfig){sizeof(OldConfig), rate_hz, 1, UNDERSONG_PACE_OFFLINE};
  UndersongLive *live = NULL;
  GIVES(UNDERSONG_CODE_OK, undersong_live_create((const UndersongLiveConfig *)(const void *)&old, &live));
  GIVES(UNDERSONG_CODE_OK, undersong_live_push(live, sound.samples, sound.frames));
  GIVES(UNDERSONG_CODE_OK, undersong_live_wait(live));

  int updates = 0, in_old = 0, in_new = 0;
  for (;;) {
    /* What lies behind an older struct is left as it is; what is new in a newer one becomes 0. */
    struct {
      union {
        OldEvent event;
        UndersongEvent aligned;
      } old;
    } place;
    NewEvent newer;
    memset(&place, 0xff, sizeof place);
    memset(&newer, 0xff, sizeof newer);
    UndersongCode code;
    if (updates % 2 == 0) {
      place.old.aligned.struct_size = sizeof(OldEvent);
      code = undersong_live_poll(live, &place.old.aligned);
    } else {
      newer.known.struct_size = sizeof newer;
      code = undersong_live_poll(live, &newer.known);
    }
    if (code != UNDERSONG_CODE_OK) {
      GIVES(UNDERSONG_CODE_EMPTY, code);
      break;
    }
    if (updates % 2 == 0) {
      CHECK(place.old.aligned.struct_size == sizeof(OldEvent));
      CHECK(place.old.aligned.kind == UNDERSONG_EVENT_KIND_SPEECH || place.old.aligned.emotions == 8);
      unsigned char *raw = (unsigned char *)place.old.aligned.raw;
      for (size_t byte = 0; byte < sizeof place.old.aligned.raw; byte++) {
        CHECK(raw[byte] == 0xff);
      }
      in_old++;
    } else {
      CHECK(newer.known.struct_size == sizeof newer && newer.something_new == 0.0);
      CHECK(newer.known.kind == UNDERSONG_EVENT_KIND_SPEECH || newer.known.emotions == 8);
      in_new++;
    }
    updates++;
  }
  CHECK(in_old > 3 && in_new > 3);
  GIVES(UNDERSONG_CODE_OK, undersong_live_destroy(live));

  /* A newer config asks for nothing new while that is 0; else the library cannot do it and says so. */
  NewConfig newer = {.known = {.struct_size = sizeof newer, .sample_rate_hz = rate_hz, .channels = 1}};
  GIVES(UNDERSONG_CODE_OK, undersong_live_create(&newer.known, &live));
  GIVES(UNDERSONG_CODE_OK, undersong_live_destroy(live));
  newer.something_new = 1.0;
  GIVES(UNDERSONG_CODE_STRUCT_SIZE, undersong_live_create(&newer.known, &live));
  SAYS("newer library");
  CHECK(live == NULL);
  free(sound.samples);
  puts("done");
  return 0;
}
