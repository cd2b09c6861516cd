/* Threads that do what they may, and what they may not: two that push at once, calls while another destroys.
 *
 * threads SOUND RATE ROUNDS
 */
#define _POSIX_C_SOURCE 199309L
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "check.h"

static Sound sound;
static uint32_t rate_hz;
static UndersongLive *live;
static atomic_int stop;

typedef struct Pushed {
  uint64_t frames;
  uint64_t refused;
} Pushed;

/* Pushes blocks until told to stop. */
static void *push(void *argument) {
  Pushed *pushed = argument;
  size_t block = rate_hz / 100, from = 0;
  while (!atomic_load(&stop)) {
    UndersongCode code = undersong_live_push(live, sound.samples + from, block);
    if (code == UNDERSONG_CODE_BUSY) {
      pushed->refused++;
    } else {
      CHECK(code == UNDERSONG_CODE_OK || code == UNDERSONG_CODE_DROPPED);
      pushed->frames += block;
    }
    from = from + 2 * block <= sound.frames ? from + block : 0;
  }
  return NULL;
}

static void *poll(void *argument) {
  uint64_t *updates = argument;
  while (!atomic_load(&stop)) {
    UndersongEvent event = {.struct_size = sizeof event};
    UndersongCode code = undersong_live_poll(live, &event);
    CHECK(code == UNDERSONG_CODE_OK || code == UNDERSONG_CODE_EMPTY);
    *updates += code == UNDERSONG_CODE_OK && event.kind == UNDERSONG_EVENT_KIND_UPDATE;
  }
  return NULL;
}

/* Long pushes, which wait for the analysis, until told to stop. */
static void *push_all(void *argument) {
  (void)argument;
  while (!atomic_load(&stop)) {
    UndersongCode code = undersong_live_push(live, sound.samples, sound.frames);
    CHECK(code == UNDERSONG_CODE_OK || code == UNDERSONG_CODE_BUSY);
  }
  return NULL;
}

/* Whatever there is, until the handle is none. */
static void *use(void *argument) {
  (void)argument;
  UndersongCode code;
  do {
    code = undersong_live_push(live, sound.samples, 480);
    CHECK(code >= 0 || code == UNDERSONG_CODE_BUSY || code == UNDERSONG_CODE_HANDLE);
    UndersongStatus status = {.struct_size = sizeof status};
    UndersongCode asked = undersong_live_status(live, &status);
    CHECK(asked == UNDERSONG_CODE_OK || asked == UNDERSONG_CODE_HANDLE);
  } while (code != UNDERSONG_CODE_HANDLE);
  return NULL;
}

static void two_push_and_one_polls(void) {
  UndersongLiveConfig config = {.struct_size = sizeof config, .sample_rate_hz = rate_hz, .channels = 1};
  GIVES(UNDERSONG_CODE_OK, undersong_live_create(&config, &live));
  atomic_store(&stop, 0);
  Pushed pushed[2] = {{0, 0}, {0, 0}};
  uint64_t updates = 0;
  pthread_t threads[3];
  CHECK(pthread_create(&threads[0], NULL, push, &pushed[0]) == 0);
  CHECK(pthread_create(&threads[1], NULL, push, &pushed[1]) == 0);
  CHECK(pthread_create(&threads[2], NULL, poll, &updates) == 0);
  struct timespec pause = {0, 300000000};
  nanosleep(&pause, NULL);
  atomic_store(&stop, 1);
  for (int thread = 0; thread < 3; thread++) {
    CHECK(pthread_join(threads[thread], NULL) == 0);
  }
  /* Every block that was not refused counts once. */
  uint64_t position = 0;
  GIVES(UNDERSONG_CODE_OK, undersong_live_position(live, &position));
  CHECK(position == pushed[0].frames + pushed[1].frames);
  GIVES(UNDERSONG_CODE_OK, undersong_live_destroy(live));
}

static void who_pushes_second_is_told_so(void) {
  UndersongLiveConfig config = {
      .struct_size = sizeof config, .sample_rate_hz = rate_hz, .channels = 1, .pace = UNDERSONG_PACE_OFFLINE};
  GIVES(UNDERSONG_CODE_OK, undersong_live_create(&config, &live));
  atomic_store(&stop, 0);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, push_all, NULL) == 0);
  int busy = 0;
  for (int turn = 0; turn < 100000 && busy < 10; turn++) {
    /* What asks for the same turn as a push. */
    uint64_t position = 0;
    if (undersong_live_position(live, &position) == UNDERSONG_CODE_BUSY && undersong_live_wait(live) == UNDERSONG_CODE_BUSY) {
      SAYS("another thread");
      busy++;
    }
    nanosleep(&(struct timespec){0, 50000}, NULL);
  }
  atomic_store(&stop, 1);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(busy == 10);
  GIVES(UNDERSONG_CODE_OK, undersong_live_destroy(live));
}

static void destroyed_while_in_use(void) {
  UndersongLiveConfig config = {.struct_size = sizeof config, .sample_rate_hz = rate_hz, .channels = 1};
  GIVES(UNDERSONG_CODE_OK, undersong_live_create(&config, &live));
  pthread_t threads[2];
  CHECK(pthread_create(&threads[0], NULL, use, NULL) == 0);
  CHECK(pthread_create(&threads[1], NULL, use, NULL) == 0);
  struct timespec pause = {0, 5000000};
  nanosleep(&pause, NULL);
  GIVES(UNDERSONG_CODE_OK, undersong_live_destroy(live));
  for (int thread = 0; thread < 2; thread++) {
    CHECK(pthread_join(threads[thread], NULL) == 0);
  }
}

static void *fail(void *argument) {
  (void)argument;
  CHECK(strcmp(undersong_last_error(), "") == 0);
  GIVES(UNDERSONG_CODE_HANDLE, undersong_scan_destroy((UndersongScan *)&sound));
  SAYS("scan");
  return NULL;
}

static void each_thread_has_its_own_last_error(void) {
  GIVES(UNDERSONG_CODE_HANDLE, undersong_model_destroy((UndersongModel *)&sound));
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, fail, NULL) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  SAYS("model");
}

int main(int count, char **arguments) {
  CHECK(count == 4);
  sound = sound_open(arguments[1]);
  rate_hz = (uint32_t)atoi(arguments[2]);
  each_thread_has_its_own_last_error();
  two_push_and_one_polls();
  who_pushes_second_is_told_so();
  for (int round = 0; round < atoi(arguments[3]); round++) {
    destroyed_while_in_use();
  }
  free(sound.samples);
  puts("done");
  return 0;
}
