/* What the test programs share: a check that names its place, and sound from a file of floats. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "undersong.h"

#define CHECK(condition)                                                                   \
  do {                                                                                     \
    if (!(condition)) {                                                                    \
      fprintf(stderr, "%s:%d: not so: %s (last error: %s)\n", __FILE__, __LINE__, #condition, \
              undersong_last_error());                                                     \
      exit(1);                                                                             \
    }                                                                                      \
  } while (0)

/* That a call gives a code, and why not. */
#define GIVES(code, call)                                                                  \
  do {                                                                                     \
    UndersongCode given_ = (call);                                                         \
    if (given_ != (code)) {                                                                \
      fprintf(stderr, "%s:%d: %s gave %d (%s), not %s: %s\n", __FILE__, __LINE__, #call, (int)given_, \
              undersong_code_message(given_), #code, undersong_last_error());              \
      exit(1);                                                                             \
    }                                                                                      \
  } while (0)

/* That the last error's message holds a text. */
#define SAYS(text)                                                                         \
  do {                                                                                     \
    if (strstr(undersong_last_error(), (text)) == NULL) {                                  \
      fprintf(stderr, "%s:%d: the last error does not say \"%s\": %s\n", __FILE__, __LINE__, (text), \
              undersong_last_error());                                                     \
      exit(1);                                                                             \
    }                                                                                      \
  } while (0)

typedef struct Sound {
  float *samples;
  size_t frames;
} Sound;

/* Mono, 32-bit floats of this machine. */
static inline Sound sound_open(const char *path) {
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  CHECK(fseek(file, 0, SEEK_END) == 0);
  long bytes = ftell(file);
  CHECK(bytes > 0 && fseek(file, 0, SEEK_SET) == 0);
  Sound sound = {.samples = malloc((size_t)bytes), .frames = (size_t)bytes / sizeof(float)};
  CHECK(sound.samples != NULL);
  CHECK(fread(sound.samples, sizeof(float), sound.frames, file) == sound.frames);
  fclose(file);
  return sound;
}

#endif
