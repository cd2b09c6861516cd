/* A take, scanned and heard live, as a game would. Prints what it was told: the test holds it against `undersong scan`.
 *
 * voice SOUND RATE [ENGINE]
 */
#include "check.h"

static void scan(const UndersongModel *model, Sound sound, uint32_t rate_hz) {
  UndersongScanConfig config = {
      .struct_size = sizeof config, .sample_rate_hz = rate_hz, .channels = 1, .model = model};
  UndersongScan *scan = NULL;
  GIVES(UNDERSONG_CODE_OK, undersong_scan(&config, sound.samples, sound.frames, &scan));
  CHECK(scan != NULL);
  UndersongSummary summary = {.struct_size = sizeof summary};
  GIVES(UNDERSONG_CODE_OK, undersong_scan_summary(scan, &summary));
  printf("engine %s\n", summary.engine);
  printf("take %.9g %.9g %d %.9g %.9g %.9g\n", summary.seconds, summary.voiced_seconds, summary.leading,
         (double)summary.valence, (double)summary.arousal, (double)summary.confidence);
  for (uint64_t index = 0; index < summary.windows; index++) {
    UndersongWindow window = {.struct_size = sizeof window};
    GIVES(UNDERSONG_CODE_OK, undersong_scan_window(scan, index, &window));
    printf("window %.9g %.9g %.9g", window.start_seconds, window.end_seconds, window.voiced_seconds);
    for (uint32_t emotion = 0; emotion < window.emotions; emotion++) {
      printf(" %.9g", (double)window.scores[emotion]);
    }
    printf("\n");
  }
  GIVES(UNDERSONG_CODE_OK, undersong_scan_destroy(scan));
}

static void hear(const UndersongModel *model, Sound sound, uint32_t rate_hz) {
  UndersongLiveConfig config = {.struct_size = sizeof config,
                                .sample_rate_hz = rate_hz,
                                .channels = 2,
                                .pace = UNDERSONG_PACE_OFFLINE,
                                .model = model};
  UndersongLive *live = NULL;
  GIVES(UNDERSONG_CODE_OK, undersong_live_create(&config, &live));
  /* Blocks of 10 ms, the same on both channels; in turns interleaved and planar. */
  size_t block = rate_hz / 100;
  float *frames = malloc(2 * block * sizeof *frames);
  CHECK(frames != NULL);
  for (size_t from = 0, turn = 0; from + block <= sound.frames; from += block, turn++) {
    if (turn % 2 == 0) {
      for (size_t frame = 0; frame < block; frame++) {
        frames[2 * frame] = frames[2 * frame + 1] = sound.samples[from + frame];
      }
      GIVES(UNDERSONG_CODE_OK, undersong_live_push(live, frames, block));
    } else {
      const float *channels[] = {sound.samples + from, sound.samples + from};
      GIVES(UNDERSONG_CODE_OK, undersong_live_push_planar(live, channels, block));
    }
    GIVES(UNDERSONG_CODE_OK, undersong_live_wait(live));
    UndersongEvent event = {.struct_size = sizeof event};
    UndersongCode code;
    while ((code = undersong_live_poll(live, &event)) == UNDERSONG_CODE_OK) {
      if (event.kind == UNDERSONG_EVENT_KIND_SPEECH) {
        printf("speech %llu %u\n", (unsigned long long)event.at_frame, event.speaking);
      } else {
        printf("update %llu %llu %u %u", (unsigned long long)event.start_frame,
               (unsigned long long)event.end_frame, event.whole, event.voiced);
        for (uint32_t emotion = 0; emotion < event.emotions; emotion++) {
          printf(" %.9g", (double)event.raw[emotion]);
        }
        printf("\n");
      }
      event.struct_size = sizeof event;
    }
    GIVES(UNDERSONG_CODE_EMPTY, code);
  }
  free(frames);

  UndersongEvent latest = {.struct_size = sizeof latest};
  GIVES(UNDERSONG_CODE_OK, undersong_live_latest(live, &latest));
  CHECK(latest.emotions == 8 && latest.end_frame <= sound.frames);
  UndersongStatus status = {.struct_size = sizeof status};
  GIVES(UNDERSONG_CODE_OK, undersong_live_status(live, &status));
  CHECK(status.dropped_frames == 0 && status.missed_events == 0 && status.threads >= 1);
  CHECK(status.trouble[0] == '\0' && status.engine[0] != '\0');
  uint64_t position = 0;
  GIVES(UNDERSONG_CODE_OK, undersong_live_position(live, &position));
  CHECK(position == sound.frames / block * block);

  /* After a reset nothing of before is told. */
  GIVES(UNDERSONG_CODE_OK, undersong_live_reset(live));
  GIVES(UNDERSONG_CODE_OK, undersong_live_position(live, &position));
  CHECK(position == 0);
  GIVES(UNDERSONG_CODE_EMPTY, undersong_live_poll(live, &latest));
  GIVES(UNDERSONG_CODE_OK, undersong_live_destroy(live));
}

int main(int count, char **arguments) {
  CHECK(count >= 3);
  Sound sound = sound_open(arguments[1]);
  uint32_t rate_hz = (uint32_t)atoi(arguments[2]);
  UndersongModelConfig config = {.struct_size = sizeof config,
                                 .engine = count > 3 ? (uint32_t)atoi(arguments[3]) : UNDERSONG_ENGINE_BUILTIN};
  UndersongModel *model = NULL;
  GIVES(UNDERSONG_CODE_OK, undersong_model_open(&config, &model));
  UndersongModelInfo info = {.struct_size = sizeof info};
  GIVES(UNDERSONG_CODE_OK, undersong_model_info(model, &info));
  printf("version %s\nmodel %s %s %u\n", undersong_version(), info.id, info.name, info.emotions);
  for (uint32_t index = 0; index < info.emotions; index++) {
    UndersongEmotion emotion = {.struct_size = sizeof emotion};
    GIVES(UNDERSONG_CODE_OK, undersong_model_emotion(model, index, &emotion));
    printf("emotion %s %.9g %.9g\n", emotion.name, (double)emotion.valence, (double)emotion.arousal);
  }
  scan(model, sound, rate_hz);
  hear(model, sound, rate_hz);
  GIVES(UNDERSONG_CODE_OK, undersong_model_destroy(model));
  free(sound.samples);
  return 0;
}
