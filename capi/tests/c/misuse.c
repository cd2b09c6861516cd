/* Every misuse that C allows, and what it is answered with: a code and a message, and no harm.
 *
 * misuse SOUND RATE PROFILE: a take, and a speaker's profile for the built-in model.
 */
#include <math.h>

#include "check.h"

static Sound sound;
static uint32_t rate_hz;

/* A config that works; each case spoils one thing of a copy. */
static UndersongLiveConfig live_config(void) {
  UndersongLiveConfig config = {.struct_size = sizeof config, .sample_rate_hz = 48000, .channels = 1};
  return config;
}

static void model_misuse(const char *profile) {
  UndersongModel *model = (UndersongModel *)&sound;
  UndersongModelConfig good = {.struct_size = sizeof good};
  GIVES(UNDERSONG_CODE_POINTER, undersong_model_open(&good, NULL));
  SAYS("model");

  UndersongModelConfig config = good;
  config.path = "no/such/model.onnx";
  GIVES(UNDERSONG_CODE_MODEL, undersong_model_open(&config, &model));
  SAYS("no/such/model.onnx");
  CHECK(model == NULL);

  config.path = "\xff\xfe";
  GIVES(UNDERSONG_CODE_TEXT, undersong_model_open(&config, &model));
  SAYS("UTF-8");

  config = good;
  config.bytes = "this is no model";
  config.bytes_size = 16;
  GIVES(UNDERSONG_CODE_MODEL, undersong_model_open(&config, &model));
  SAYS("in memory");
  config.bytes_size = 0;
  GIVES(UNDERSONG_CODE_MODEL, undersong_model_open(&config, &model));
  SAYS("empty");
  config.path = "both.onnx";
  GIVES(UNDERSONG_CODE_VALUE, undersong_model_open(&config, &model));
  SAYS("both");
  config = good;
  config.bytes_size = 16;
  GIVES(UNDERSONG_CODE_POINTER, undersong_model_open(&config, &model));

  config = good;
  config.engine = 99;
  GIVES(UNDERSONG_CODE_VALUE, undersong_model_open(&config, &model));
  SAYS("99");

  config = good;
  config.profile_path = "no/such/profile.json";
  GIVES(UNDERSONG_CODE_PROFILE, undersong_model_open(&config, &model));
  SAYS("no/such/profile.json");
  config.profile_path = NULL;
  config.profile_bytes = "{}";
  config.profile_bytes_size = 2;
  GIVES(UNDERSONG_CODE_PROFILE, undersong_model_open(&config, &model));
  SAYS("undersong calibrate");
  config.profile_path = profile;
  GIVES(UNDERSONG_CODE_VALUE, undersong_model_open(&config, &model));
  config.profile_bytes = NULL;
  config.profile_bytes_size = 0;
  GIVES(UNDERSONG_CODE_OK, undersong_model_open(&config, &model));
  GIVES(UNDERSONG_CODE_OK, undersong_model_destroy(model));

  /* An engine that is not where it is said to be. */
  config = good;
  config.engine = UNDERSONG_ENGINE_CPU;
  config.runtime_path = "no/such/runtime";
  GIVES(UNDERSONG_CODE_OK, undersong_model_open(&config, &model));
  UndersongLiveConfig voice = live_config();
  voice.model = model;
  UndersongLive *live = NULL;
  GIVES(UNDERSONG_CODE_ENGINE, undersong_live_create(&voice, &live));
  CHECK(live == NULL);
  UndersongScanConfig whole = {.struct_size = sizeof whole, .sample_rate_hz = 48000, .channels = 1, .model = model};
  UndersongScan *scan = NULL;
  GIVES(UNDERSONG_CODE_ENGINE, undersong_scan(&whole, sound.samples, sound.frames, &scan));
  GIVES(UNDERSONG_CODE_OK, undersong_model_destroy(model));

  /* NULL is the built-in model and every default. */
  GIVES(UNDERSONG_CODE_OK, undersong_model_open(NULL, &model));
  UndersongModelInfo info = {.struct_size = sizeof info};
  GIVES(UNDERSONG_CODE_OK, undersong_model_info(model, &info));
  CHECK(info.emotions == 8 && strcmp(info.name, "undersong-8") == 0);
  GIVES(UNDERSONG_CODE_OK, undersong_model_info(NULL, &info));
  UndersongEmotion emotion = {.struct_size = sizeof emotion};
  GIVES(UNDERSONG_CODE_INDEX, undersong_model_emotion(model, 8, &emotion));
  SAYS("8");
  GIVES(UNDERSONG_CODE_POINTER, undersong_model_info(model, NULL));
  info.struct_size = 3;
  GIVES(UNDERSONG_CODE_STRUCT_SIZE, undersong_model_info(model, &info));

  GIVES(UNDERSONG_CODE_OK, undersong_model_destroy(model));
  info.struct_size = sizeof info;
  GIVES(UNDERSONG_CODE_HANDLE, undersong_model_info(model, &info));
  SAYS("destroyed");
  GIVES(UNDERSONG_CODE_HANDLE, undersong_model_destroy(model));
  GIVES(UNDERSONG_CODE_OK, undersong_model_destroy(NULL));
  /* An address is no handle. */
  GIVES(UNDERSONG_CODE_HANDLE, undersong_model_info((UndersongModel *)&sound, &info));
}

static void refused(UndersongLiveConfig config, UndersongCode code, const char *says) {
  UndersongLive *live = (UndersongLive *)&sound;
  GIVES(code, undersong_live_create(&config, &live));
  SAYS(says);
  CHECK(live == NULL);
}

static void config_misuse(void) {
  UndersongLive *live = NULL;
  GIVES(UNDERSONG_CODE_POINTER, undersong_live_create(NULL, &live));
  UndersongLiveConfig config = live_config();
  GIVES(UNDERSONG_CODE_POINTER, undersong_live_create(&config, NULL));
  char odd[sizeof config + 1];
  memcpy(odd + 1, &config, sizeof config);
  GIVES(UNDERSONG_CODE_POINTER, undersong_live_create((const void *)(odd + 1), &live));

#define SPOILT(field, value, code, says) \
  config = live_config();                \
  config.field = (value);                \
  refused(config, code, says)
  SPOILT(struct_size, 0, UNDERSONG_CODE_STRUCT_SIZE, "struct_size is 0");
  SPOILT(struct_size, 13, UNDERSONG_CODE_STRUCT_SIZE, "13");
  SPOILT(struct_size, 0xffffffff, UNDERSONG_CODE_STRUCT_SIZE, "4294967295");
  SPOILT(sample_rate_hz, 0, UNDERSONG_CODE_SAMPLE_RATE, "8000");
  SPOILT(sample_rate_hz, 7999, UNDERSONG_CODE_SAMPLE_RATE, "7999");
  SPOILT(sample_rate_hz, 384001, UNDERSONG_CODE_SAMPLE_RATE, "384001");
  SPOILT(channels, 0, UNDERSONG_CODE_CHANNELS, "0 channels");
  SPOILT(channels, 9, UNDERSONG_CODE_CHANNELS, "9 channels");
  SPOILT(pace, 2, UNDERSONG_CODE_VALUE, "pace is 2");
  SPOILT(model, (UndersongModel *)&sound, UNDERSONG_CODE_HANDLE, "model");
  SPOILT(hop_seconds, 0.001, UNDERSONG_CODE_VALUE, "0.001");
  SPOILT(hop_seconds, (double)NAN, UNDERSONG_CODE_VALUE, "NaN");
  SPOILT(smoothing_seconds, -1.0, UNDERSONG_CODE_VALUE, "-1");
  SPOILT(smoothing_seconds, (double)NAN, UNDERSONG_CODE_VALUE, "NaN");
  SPOILT(decay_seconds, (double)INFINITY, UNDERSONG_CODE_VALUE, "inf");
  SPOILT(sensitivity, 11.0f, UNDERSONG_CODE_VALUE, "11");
  SPOILT(sensitivity, NAN, UNDERSONG_CODE_VALUE, "NaN");
  SPOILT(priors_count, 8, UNDERSONG_CODE_POINTER, "priors");
  float priors[] = {1, 1, NAN, 1, 1, 1, 1, 1, 1};
  config = live_config();
  config.priors = priors;
  config.priors_count = 8;
  refused(config, UNDERSONG_CODE_VALUE, "priors");
  priors[2] = 1;
  config.priors_count = 9;
  refused(config, UNDERSONG_CODE_VALUE, "9");
}

static void live_misuse(void) {
  UndersongLiveConfig config = live_config();
  config.channels = 2;
  UndersongLive *live = NULL;
  GIVES(UNDERSONG_CODE_OK, undersong_live_create(&config, &live));
  float frames[2 * 480] = {0};

  GIVES(UNDERSONG_CODE_POINTER, undersong_live_push(live, NULL, 480));
  GIVES(UNDERSONG_CODE_OK, undersong_live_push(live, NULL, 0));
  GIVES(UNDERSONG_CODE_POINTER, undersong_live_push(live, (const void *)((char *)frames + 1), 480));
  GIVES(UNDERSONG_CODE_VALUE, undersong_live_push(live, frames, SIZE_MAX));
  GIVES(UNDERSONG_CODE_VALUE, undersong_live_push(live, frames, SIZE_MAX / 8));
  const float *planes[] = {frames, NULL};
  GIVES(UNDERSONG_CODE_POINTER, undersong_live_push_planar(live, planes, 480));
  GIVES(UNDERSONG_CODE_POINTER, undersong_live_push_planar(live, NULL, 480));

  /* What is no sound is silence, and the rest of the block is taken: time goes on. */
  frames[7] = NAN;
  frames[500] = -INFINITY;
  GIVES(UNDERSONG_CODE_NOT_FINITE, undersong_live_push(live, frames, 480));
  planes[1] = frames + 480;
  GIVES(UNDERSONG_CODE_NOT_FINITE, undersong_live_push_planar(live, planes, 480));
  frames[7] = 1e30f;
  GIVES(UNDERSONG_CODE_NOT_FINITE, undersong_live_push(live, frames, 480));
  uint64_t position = 0;
  GIVES(UNDERSONG_CODE_OK, undersong_live_position(live, &position));
  CHECK(position == 3 * 480);
  GIVES(UNDERSONG_CODE_POINTER, undersong_live_position(live, NULL));

  UndersongEvent event = {.struct_size = 5};
  GIVES(UNDERSONG_CODE_POINTER, undersong_live_poll(live, NULL));
  GIVES(UNDERSONG_CODE_STRUCT_SIZE, undersong_live_poll(live, &event));
  GIVES(UNDERSONG_CODE_STRUCT_SIZE, undersong_live_latest(live, &event));
  GIVES(UNDERSONG_CODE_POINTER, undersong_live_status(live, NULL));
  event.struct_size = sizeof event;
  GIVES(UNDERSONG_CODE_EMPTY, undersong_live_poll(live, &event));
  GIVES(UNDERSONG_CODE_EMPTY, undersong_live_latest(live, &event));

  UndersongModel *model = NULL;
  GIVES(UNDERSONG_CODE_POINTER, undersong_live_model(live, NULL));
  GIVES(UNDERSONG_CODE_OK, undersong_live_model(live, &model));
  /* A handle of another kind is none, and does no harm. */
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_destroy((UndersongLive *)model));
  GIVES(UNDERSONG_CODE_HANDLE, undersong_model_destroy((UndersongModel *)live));
  GIVES(UNDERSONG_CODE_OK, undersong_live_destroy(live));

  /* After it is destroyed, in every door. */
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_push(live, frames, 480));
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_push_planar(live, planes, 480));
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_poll(live, &event));
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_latest(live, &event));
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_position(live, &position));
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_wait(live));
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_reset(live));
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_destroy(live));
  SAYS("destroyed");
  UndersongStatus status = {.struct_size = sizeof status};
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_status(live, &status));
  UndersongModel *other = (UndersongModel *)&sound;
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_model(live, &other));
  CHECK(other == NULL);
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_push(NULL, frames, 480));
  GIVES(UNDERSONG_CODE_OK, undersong_live_destroy(NULL));
  GIVES(UNDERSONG_CODE_OK, undersong_model_destroy(model));

  /* Nor is it the handle of what comes after it, in the same place. */
  UndersongLive *next = NULL;
  GIVES(UNDERSONG_CODE_OK, undersong_live_create(&config, &next));
  CHECK(next != live);
  GIVES(UNDERSONG_CODE_HANDLE, undersong_live_reset(live));
  GIVES(UNDERSONG_CODE_OK, undersong_live_destroy(next));
}

static void scan_misuse(void) {
  UndersongScanConfig good = {.struct_size = sizeof good, .sample_rate_hz = rate_hz, .channels = 1, .jobs = 1};
  UndersongScan *scan = (UndersongScan *)&sound;
  UndersongScanConfig config = good;
  GIVES(UNDERSONG_CODE_POINTER, undersong_scan(NULL, sound.samples, sound.frames, &scan));
  CHECK(scan == NULL);
  GIVES(UNDERSONG_CODE_POINTER, undersong_scan(&good, sound.samples, sound.frames, NULL));
  GIVES(UNDERSONG_CODE_POINTER, undersong_scan(&good, NULL, sound.frames, &scan));
  GIVES(UNDERSONG_CODE_VALUE, undersong_scan(&(UndersongScanConfig){.struct_size = sizeof good, .sample_rate_hz = rate_hz, .channels = 8},
                                             sound.samples, SIZE_MAX / 2, &scan));
  config.sample_rate_hz = 0;
  GIVES(UNDERSONG_CODE_SAMPLE_RATE, undersong_scan(&config, sound.samples, sound.frames, &scan));
  SAYS("8000");
  config = good;
  config.channels = 9;
  GIVES(UNDERSONG_CODE_CHANNELS, undersong_scan(&config, sound.samples, sound.frames, &scan));
  config = good;
  config.jobs = 1000;
  GIVES(UNDERSONG_CODE_VALUE, undersong_scan(&config, sound.samples, sound.frames, &scan));
  config = good;
  config.hop_seconds = -1;
  GIVES(UNDERSONG_CODE_VALUE, undersong_scan(&config, sound.samples, sound.frames, &scan));
  config = good;
  float priors[8] = {0};
  config.priors = priors;
  config.priors_count = 8;
  GIVES(UNDERSONG_CODE_VALUE, undersong_scan(&config, sound.samples, sound.frames, &scan));
  SAYS("every emotion is given 0");
  config.struct_size = 17;
  GIVES(UNDERSONG_CODE_STRUCT_SIZE, undersong_scan(&config, sound.samples, sound.frames, &scan));

  /* Too short, and no sound. */
  GIVES(UNDERSONG_CODE_SOUND, undersong_scan(&good, sound.samples, 100, &scan));
  SAYS("ms of sound");
  GIVES(UNDERSONG_CODE_SOUND, undersong_scan(&good, sound.samples, 0, &scan));
  float spoilt = sound.samples[1234];
  sound.samples[1234] = NAN;
  GIVES(UNDERSONG_CODE_SOUND, undersong_scan(&good, sound.samples, rate_hz, &scan));
  SAYS("NaN");
  CHECK(scan == NULL);
  sound.samples[1234] = spoilt;

  GIVES(UNDERSONG_CODE_OK, undersong_scan(&good, sound.samples, rate_hz, &scan));
  UndersongSummary summary = {.struct_size = sizeof summary};
  GIVES(UNDERSONG_CODE_OK, undersong_scan_summary(scan, &summary));
  UndersongWindow window = {.struct_size = sizeof window};
  GIVES(UNDERSONG_CODE_INDEX, undersong_scan_window(scan, summary.windows, &window));
  GIVES(UNDERSONG_CODE_INDEX, undersong_scan_window(scan, UINT64_MAX, &window));
  GIVES(UNDERSONG_CODE_POINTER, undersong_scan_window(scan, 0, NULL));
  GIVES(UNDERSONG_CODE_POINTER, undersong_scan_summary(scan, NULL));
  GIVES(UNDERSONG_CODE_OK, undersong_scan_destroy(scan));
  GIVES(UNDERSONG_CODE_HANDLE, undersong_scan_window(scan, 0, &window));
  GIVES(UNDERSONG_CODE_HANDLE, undersong_scan_summary(scan, &summary));
  GIVES(UNDERSONG_CODE_HANDLE, undersong_scan_destroy(scan));
  GIVES(UNDERSONG_CODE_OK, undersong_scan_destroy(NULL));

  /* Silence has no emotion. */
  float *silence = calloc(rate_hz, sizeof *silence);
  CHECK(silence != NULL);
  GIVES(UNDERSONG_CODE_OK, undersong_scan(&good, silence, rate_hz, &scan));
  GIVES(UNDERSONG_CODE_OK, undersong_scan_summary(scan, &summary));
  CHECK(summary.leading == -1 && summary.unsure == 1 && summary.confidence == 0 && summary.windows == 1);
  GIVES(UNDERSONG_CODE_OK, undersong_scan_window(scan, 0, &window));
  CHECK(window.emotions == 0 && window.leading == -1);
  GIVES(UNDERSONG_CODE_OK, undersong_scan_destroy(scan));
  free(silence);
}

int main(int count, char **arguments) {
  CHECK(count == 4);
  CHECK(strcmp(undersong_last_error(), "") == 0);
  sound = sound_open(arguments[1]);
  rate_hz = (uint32_t)atoi(arguments[2]);
  /* Held open, so that each call that names no model does not open it anew. */
  UndersongModel *held = NULL;
  GIVES(UNDERSONG_CODE_OK, undersong_model_open(NULL, &held));
  model_misuse(arguments[3]);
  config_misuse();
  live_misuse();
  scan_misuse();
  GIVES(UNDERSONG_CODE_OK, undersong_model_destroy(held));
  for (int code = -20; code < 5; code++) {
    CHECK(strlen(undersong_code_message(code)) > 0);
  }
  CHECK(strcmp(undersong_code_message(-99), "no code of this version") == 0);
  free(sound.samples);
  puts("done");
  return 0;
}
