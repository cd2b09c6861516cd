/**
 * Undersong 0.1.0: emotion from a voice, on this machine. The manual is docs/c-library.md.
 *
 * - Functions give an UndersongCode: 0 is well, above 0 is well with something to know, below 0 is an error and nothing was done, unless the
 *   code says so. undersong_last_error has the message of the last error, undersong_code_message a sentence for each code.
 * - Set `struct_size` of every struct to its sizeof before passing it. A struct from an older header works.
 * - Handles are numbers, not addresses: a call on one that was destroyed gives UNDERSONG_CODE_HANDLE. What the library made, the library frees.
 * - "Real-time safe: yes" is a function that never allocates, locks, calls the system or waits: it may run on an audio thread.
 * - Texts are UTF-8. Samples are 32-bit floats, full scale being 1. No number that the library gives is NaN.
 */

#ifndef UNDERSONG_H
#define UNDERSONG_H

#include <stddef.h>
#include <stdint.h>

/**
 * Scores that an event or a summary has room for; a model with more emotions is refused.
 */
#define UNDERSONG_MAX_EMOTIONS 16

/**
 * Bytes of an emotion's name, with the zero at its end.
 */
#define UNDERSONG_NAME_BYTES 32

/**
 * Bytes of a longer text in a struct, with the zero at its end. What does not fit is cut.
 */
#define UNDERSONG_TEXT_BYTES 256

/**
 * What a call came to: 0 is well, above 0 is well with something to know, below 0 is an error, and then nothing was done unless it says so.
 * `undersong_code_message` has a sentence for each.
 */
enum UndersongCode
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Done.
   */
  UNDERSONG_CODE_OK = 0,
  /**
   * There is nothing to give now: no event, or no update yet.
   */
  UNDERSONG_CODE_EMPTY = 1,
  /**
   * Some of the sound found no room and was dropped, because the analysis did not keep up. It is counted, and time goes on.
   */
  UNDERSONG_CODE_DROPPED = 2,
  /**
   * A pointer is NULL, or not aligned for what it points to.
   */
  UNDERSONG_CODE_POINTER = -1,
  /**
   * A struct's `struct_size` is the size of no version of it.
   */
  UNDERSONG_CODE_STRUCT_SIZE = -2,
  /**
   * The handle is none: destroyed, never made, or of another kind.
   */
  UNDERSONG_CODE_HANDLE = -3,
  /**
   * Another thread is in a call of this kind on this handle. Nothing was done.
   */
  UNDERSONG_CODE_BUSY = -4,
  /**
   * The sample rate is out of range (8,000 to 384,000 Hz).
   */
  UNDERSONG_CODE_SAMPLE_RATE = -5,
  /**
   * The number of channels is out of range (1 to 8).
   */
  UNDERSONG_CODE_CHANNELS = -6,
  /**
   * A number in a struct or an argument is out of range.
   */
  UNDERSONG_CODE_VALUE = -7,
  /**
   * Samples are NaN, infinite or a million times full scale. They were taken as silence, and the rest of the block as it is.
   */
  UNDERSONG_CODE_NOT_FINITE = -8,
  /**
   * The sound cannot be scanned: too short, or with samples that are no sound.
   */
  UNDERSONG_CODE_SOUND = -9,
  /**
   * The model cannot be opened.
   */
  UNDERSONG_CODE_MODEL = -10,
  /**
   * The speaker's profile cannot be used.
   */
  UNDERSONG_CODE_PROFILE = -11,
  /**
   * No engine can run the model.
   */
  UNDERSONG_CODE_ENGINE = -12,
  /**
   * An index is beyond the end.
   */
  UNDERSONG_CODE_INDEX = -13,
  /**
   * A text is not UTF-8.
   */
  UNDERSONG_CODE_TEXT = -14,
  /**
   * The system gives no more threads.
   */
  UNDERSONG_CODE_THREADS = -15,
  /**
   * 1,024 handles of this kind are in use.
   */
  UNDERSONG_CODE_TOO_MANY = -16,
  /**
   * A fault in Undersong. The handle may be destroyed; please report it.
   */
  UNDERSONG_CODE_INTERNAL = -17,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum UndersongCode UndersongCode;
#else
typedef int32_t UndersongCode;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What computes.
 */
enum UndersongEngine
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * ONNX Runtime on the CPU if it is found, else the engine inside the library.
   */
  UNDERSONG_ENGINE_AUTO = 0,
  /**
   * ONNX Runtime on an NVIDIA GPU; where that cannot be used, as Auto, and the status says why.
   */
  UNDERSONG_ENGINE_CUDA = 1,
  /**
   * ONNX Runtime on the CPU, or an error.
   */
  UNDERSONG_ENGINE_CPU = 2,
  /**
   * The engine inside the library; needs nothing.
   */
  UNDERSONG_ENGINE_BUILTIN = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum UndersongEngine UndersongEngine;
#else
typedef uint32_t UndersongEngine;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Whether sound is taken as it comes, or waited for.
 */
enum UndersongPace
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Nothing waits. Too much sound at once is dropped and counted.
   */
  UNDERSONG_PACE_LIVE = 0,
  /**
   * For tests and for rendering: nothing is dropped, pushing waits for room and `undersong_live_wait` for results, which depend on the
   * sound alone.
   */
  UNDERSONG_PACE_OFFLINE = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum UndersongPace UndersongPace;
#else
typedef uint32_t UndersongPace;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What an event tells.
 */
enum UndersongEventKind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Somebody began or stopped speaking.
   */
  UNDERSONG_EVENT_KIND_SPEECH = 1,
  /**
   * The next window's scores.
   */
  UNDERSONG_EVENT_KIND_UPDATE = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum UndersongEventKind UndersongEventKind;
#else
typedef uint32_t UndersongEventKind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * One voice, live; made by `undersong_live_create`.
 */
typedef struct UndersongLive UndersongLive;

/**
 * A model, opened; made by `undersong_model_open`.
 */
typedef struct UndersongModel UndersongModel;

/**
 * A scanned sound; made by `undersong_scan`.
 */
typedef struct UndersongScan UndersongScan;

/**
 * Which model, and what runs it. All zero but for `struct_size`: the built-in model.
 */
typedef struct UndersongModelConfig {
  /**
   * `sizeof(UndersongModelConfig)`.
   */
  uint32_t struct_size;
  /**
   * An `UndersongEngine`.
   */
  uint32_t engine;
  /**
   * Model file, UTF-8; NULL for `bytes`, or the built-in model.
   */
  const char *path;
  /**
   * A model file in memory, copied; NULL for none. Not both `path` and `bytes`.
   */
  const void *bytes;
  /**
   * Its bytes.
   */
  size_t bytes_size;
  /**
   * Where ONNX Runtime lies: its library or a folder, UTF-8; NULL to look for it. A process loads one only.
   */
  const char *runtime_path;
  /**
   * Speaker's profile, a file that `undersong calibrate` made, UTF-8; NULL for none.
   */
  const char *profile_path;
  /**
   * Such a file in memory; NULL for none. Not both.
   */
  const void *profile_bytes;
  /**
   * Its bytes.
   */
  size_t profile_bytes_size;
} UndersongModelConfig;

/**
 * What a model says of itself.
 */
typedef struct UndersongModelInfo {
  /**
   * `sizeof(UndersongModelInfo)`.
   */
  uint32_t struct_size;
  /**
   * Its emotions: scores of an event.
   */
  uint32_t emotions;
  /**
   * Length of a window in seconds.
   */
  double window_seconds;
  /**
   * Rate that sound is brought to, in Hz.
   */
  uint32_t sample_rate_hz;
  /**
   * A confidence below this is unsure.
   */
  float unsure_below;
  /**
   * Start of the SHA-256 of the file, in hexadecimal: the same id, the same model.
   */
  char id[UNDERSONG_NAME_BYTES];
  /**
   * Its name.
   */
  char name[UNDERSONG_TEXT_BYTES];
} UndersongModelInfo;

/**
 * An emotion that a model tells apart.
 */
typedef struct UndersongEmotion {
  /**
   * `sizeof(UndersongEmotion)`.
   */
  uint32_t struct_size;
  /**
   * -1 unpleasant to 1 pleasant.
   */
  float valence;
  /**
   * -1 calm to 1 excited.
   */
  float arousal;
  /**
   * The share that the training had of it: what priors are held against.
   */
  float prior;
  /**
   * Its name in lower case, such as `happy`.
   */
  char name[UNDERSONG_NAME_BYTES];
} UndersongEmotion;

/**
 * How one voice is to be heard. What is 0 or NULL has its default, so `{.struct_size = sizeof(UndersongLiveConfig), .sample_rate_hz = 48000,
 * .channels = 1}` is enough.
 */
typedef struct UndersongLiveConfig {
  /**
   * `sizeof(UndersongLiveConfig)`.
   */
  uint32_t struct_size;
  /**
   * Rate of the sound in Hz, 8,000 to 384,000.
   */
  uint32_t sample_rate_hz;
  /**
   * Channels of the sound, 1 to 8; their mean is listened to.
   */
  uint32_t channels;
  /**
   * An `UndersongPace`.
   */
  uint32_t pace;
  /**
   * Model; NULL for the built-in one. It may be destroyed while the voice goes on.
   */
  const struct UndersongModel *model;
  /**
   * From one update to the next in seconds, 0.02 to 60; 0 is 0.25.
   */
  double hop_seconds;
  /**
   * Time constant of the scores' smoothing in seconds, up to 2; 0 is none.
   */
  double smoothing_seconds;
  /**
   * Time in which scores fall to 1/e in silence, in seconds, up to 60; 0 has them stay.
   */
  double decay_seconds;
  /**
   * How decided scores are, 0.1 to 10; 0 is 1, as calibrated.
   */
  float sensitivity;
  /**
   * Numbers in `priors`: 0, or one for each emotion.
   */
  uint32_t priors_count;
  /**
   * How likely each emotion is in this sound, in any unit; NULL for the training's shares. Copied.
   */
  const float *priors;
} UndersongLiveConfig;

/**
 * Something heard. Positions are frames pushed since creation or the last reset.
 */
typedef struct UndersongEvent {
  /**
   * `sizeof(UndersongEvent)`; it stays as it was set.
   */
  uint32_t struct_size;
  /**
   * An `UndersongEventKind`.
   */
  uint32_t kind;
  /**
   * Speech: where that was decided, 0.2 s after it began or ended. Update: the frame after the window's last.
   */
  uint64_t at_frame;
  /**
   * Whether somebody speaks from here on.
   */
  uint32_t speaking;
  /**
   * Scores in `scores` and `raw`; 0 in a speech event, and all below are 0 then, too.
   */
  uint32_t emotions;
  /**
   * Number of the update, from 0.
   */
  uint64_t sequence;
  /**
   * First frame of the window.
   */
  uint64_t start_frame;
  /**
   * The frame after its last.
   */
  uint64_t end_frame;
  /**
   * Index of the leading emotion; -1 if there is none.
   */
  int32_t leading;
  /**
   * 1 if the window is as long as the model's; the first ones hold what was heard so far.
   */
  uint32_t whole;
  /**
   * 1 if there is voice in the window; without, `scores` are the last voice's.
   */
  uint32_t voiced;
  /**
   * 1 if the confidence is below the model's threshold: better no answer than this one.
   */
  uint32_t unsure;
  /**
   * -1 unpleasant to 1 pleasant.
   */
  float valence;
  /**
   * -1 calm to 1 excited.
   */
  float arousal;
  /**
   * The leading score.
   */
  float confidence;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * Smoothed scores in the model's order; never NaN. They sum to 1, to less in a decay, to 0 before the first voice.
   */
  float scores[UNDERSONG_MAX_EMOTIONS];
  /**
   * The window's own scores, unsmoothed; all 0 without voice.
   */
  float raw[UNDERSONG_MAX_EMOTIONS];
} UndersongEvent;

/**
 * How one voice's hearing goes.
 */
typedef struct UndersongStatus {
  /**
   * `sizeof(UndersongStatus)`.
   */
  uint32_t struct_size;
  /**
   * 1 while somebody speaks.
   */
  uint32_t speaking;
  /**
   * Level over about 0.3 s in dB below full scale; -120 is silence.
   */
  float level_db;
  /**
   * How far the last update lay behind the newest sound when it was told, in ms.
   */
  float lag_ms;
  /**
   * Frames dropped since creation, because the analysis did not keep up.
   */
  uint64_t dropped_frames;
  /**
   * Events lost since creation, because nobody polled: there is room for 1,024.
   */
  uint64_t missed_events;
  /**
   * Threads that analyse, for all voices of the process together.
   */
  uint32_t threads;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * What computes, such as `built in (tract)`.
   */
  char engine[UNDERSONG_TEXT_BYTES];
  /**
   * Why there are no scores, or not the engine that was asked for; empty if all is well.
   */
  char trouble[UNDERSONG_TEXT_BYTES];
} UndersongStatus;

/**
 * How a sound is to be scanned. What is 0 or NULL has its default.
 */
typedef struct UndersongScanConfig {
  /**
   * `sizeof(UndersongScanConfig)`.
   */
  uint32_t struct_size;
  /**
   * Rate of the sound in Hz, 8,000 to 384,000.
   */
  uint32_t sample_rate_hz;
  /**
   * Channels of the sound, 1 to 8; their mean is listened to.
   */
  uint32_t channels;
  /**
   * Threads that compute, at most 256; 0 for one a processor. The result is the same.
   */
  uint32_t jobs;
  /**
   * Model; NULL for the built-in one.
   */
  const struct UndersongModel *model;
  /**
   * From one window to the next in seconds, 0.02 to 60; 0 is 0.25.
   */
  double hop_seconds;
  /**
   * How likely each emotion is in this sound, in any unit; NULL for the training's shares.
   */
  const float *priors;
  /**
   * Numbers in `priors`: 0, or one for each emotion.
   */
  size_t priors_count;
} UndersongScanConfig;

/**
 * A scanned sound as a whole.
 */
typedef struct UndersongSummary {
  /**
   * `sizeof(UndersongSummary)`.
   */
  uint32_t struct_size;
  /**
   * Scores in `scores` and `shares`.
   */
  uint32_t emotions;
  /**
   * Windows: what `undersong_scan_window` takes.
   */
  uint64_t windows;
  /**
   * Length of the sound in seconds.
   */
  double seconds;
  /**
   * Voice in it, in seconds.
   */
  double voiced_seconds;
  /**
   * Index of the leading emotion; -1 without voice.
   */
  int32_t leading;
  /**
   * 1 if the confidence is below the model's threshold, or there is no voice.
   */
  uint32_t unsure;
  /**
   * -1 unpleasant to 1 pleasant.
   */
  float valence;
  /**
   * -1 calm to 1 excited.
   */
  float arousal;
  /**
   * The leading score.
   */
  float confidence;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * Mean over the voice, in the model's order; all 0 without voice.
   */
  float scores[UNDERSONG_MAX_EMOTIONS];
  /**
   * Share of the voiced time that each emotion leads.
   */
  float shares[UNDERSONG_MAX_EMOTIONS];
  /**
   * What computed.
   */
  char engine[UNDERSONG_TEXT_BYTES];
} UndersongSummary;

/**
 * One window of a scanned sound.
 */
typedef struct UndersongWindow {
  /**
   * `sizeof(UndersongWindow)`.
   */
  uint32_t struct_size;
  /**
   * Scores in `scores`; 0 where there is no voice, and all below `voiced_seconds` are 0 then, too: silence has no emotion.
   */
  uint32_t emotions;
  /**
   * Start in seconds.
   */
  double start_seconds;
  /**
   * End in seconds.
   */
  double end_seconds;
  /**
   * Voice within, in seconds.
   */
  double voiced_seconds;
  /**
   * Index of the leading emotion; -1 without voice.
   */
  int32_t leading;
  /**
   * 1 if the confidence is below the model's threshold, or there is no voice.
   */
  uint32_t unsure;
  /**
   * -1 unpleasant to 1 pleasant.
   */
  float valence;
  /**
   * -1 calm to 1 excited.
   */
  float arousal;
  /**
   * The leading score.
   */
  float confidence;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * In the model's order.
   */
  float scores[UNDERSONG_MAX_EMOTIONS];
} UndersongWindow;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Version of the library, such as "0.1.0". The text is the library's and stands for ever.
 *
 * Thread: any. Real-time safe: yes.
 */
const char *undersong_version(void);

/**
 * A sentence for a code, also for one that is none. The text is the library's and stands for ever.
 *
 * Thread: any. Real-time safe: yes.
 */
const char *undersong_code_message(int32_t code);

/**
 * What was wrong with the last call of this thread that failed, naming the value, what was expected and what to do; "" if none has.
 *
 * Functions that are real-time safe leave no message here: ask `undersong_code_message` for their codes. The text is the library's and stands until the next failed
 * call of the same thread.
 *
 * Thread: any; each has its own. Real-time safe: no, since a thread's first call may allocate.
 */
const char *undersong_last_error(void);

/**
 * Opens a model: the built-in one, a file, or a file in memory; for a speaker, if a profile is given. The engine that runs it is opened with its
 * first voice or scan.
 *
 * `config` may be NULL: the built-in model and any engine. `*model` becomes a handle that any number of voices and scans may use at once, and NULL
 * after an error; `undersong_model_destroy` gives it back. What `config` points to is needed during the call only.
 *
 * Errors: POINTER, STRUCT_SIZE, VALUE, TEXT, MODEL, PROFILE, TOO_MANY.
 * Thread: any. Real-time safe: no.
 *
 * # Safety
 * `config` is NULL or a struct as its `struct_size` says, `model` is NULL or can be written.
 */
UndersongCode undersong_model_open(const struct UndersongModelConfig *config,
                                   struct UndersongModel **model);

/**
 * What a model says of itself. `model` may be NULL: the built-in one.
 *
 * Errors: POINTER, STRUCT_SIZE, HANDLE.
 * Thread: any. Real-time safe: no.
 *
 * # Safety
 * `info` is NULL or a struct as its `struct_size` says.
 */
UndersongCode undersong_model_info(const struct UndersongModel *model, struct UndersongModelInfo *info);

/**
 * The emotion at an index of scores. `model` may be NULL: the built-in one.
 *
 * Errors: POINTER, STRUCT_SIZE, HANDLE, INDEX.
 * Thread: any. Real-time safe: no.
 *
 * # Safety
 * `emotion` is NULL or a struct as its `struct_size` says.
 */
UndersongCode undersong_model_emotion(const struct UndersongModel *model,
                                      uint32_t index,
                                      struct UndersongEmotion *emotion);

/**
 * Gives a model's handle back. Voices and scans that use the model go on. NULL does nothing.
 *
 * Errors: HANDLE, also if it was destroyed before.
 * Thread: any. Real-time safe: no.
 */
UndersongCode undersong_model_destroy(struct UndersongModel *model);

/**
 * Begins to listen to one voice: threads, memory and engine are made ready here, so that the first block finds all in place.
 *
 * `*live` becomes a handle, and NULL after an error; `undersong_live_destroy` ends it. What `config` points to is needed during the call only.
 *
 * Errors: POINTER, STRUCT_SIZE, HANDLE (the model's), SAMPLE_RATE, CHANNELS, VALUE, MODEL, ENGINE, THREADS, TOO_MANY.
 * Thread: any. Real-time safe: no.
 *
 * # Safety
 * `config` is NULL or a struct as its `struct_size` says, `live` is NULL or can be written.
 */
UndersongCode undersong_live_create(const struct UndersongLiveConfig *config,
                                    struct UndersongLive **live);

/**
 * A handle to the model that listens, for its emotions' names; to be destroyed as any other.
 *
 * Errors: POINTER, HANDLE, TOO_MANY.
 * Thread: any. Real-time safe: no.
 *
 * # Safety
 * `model` is NULL or can be written.
 */
UndersongCode undersong_live_model(const struct UndersongLive *live, struct UndersongModel **model);

/**
 * Ends a voice and frees all that it had. It waits for calls that other threads are in, and for the workers with the process's last voice. From then on the handle is none: a
 * call on it gives HANDLE. NULL does nothing.
 *
 * Errors: HANDLE, also if it was destroyed before.
 * Thread: any but the audio thread. Real-time safe: no.
 */
UndersongCode undersong_live_destroy(struct UndersongLive *live);

/**
 * Takes a block of sound, full scale being 1, channel by channel within each frame: `frames` times the channels of the config.
 *
 * It copies the block into a ring and wakes nobody. Where the analysis does not keep up, what finds no room is dropped and counted, and the code
 * is DROPPED; at the offline pace it waits instead. Samples that are no sound are taken as silence, and the code is NOT_FINITE.
 *
 * Errors: POINTER, HANDLE, VALUE (more frames than memory), BUSY (another thread pushes or resets), NOT_FINITE.
 * Thread: one at a time, such as the audio thread; another may poll meanwhile. Real-time safe: yes, at the live pace.
 *
 * # Safety
 * `samples` is NULL or points to that many samples.
 */
UndersongCode undersong_live_push(struct UndersongLive *live,
                                  const float *samples,
                                  size_t frames);

/**
 * As `undersong_live_push`, with a pointer to the samples of each channel.
 *
 * Errors: as `undersong_live_push`; POINTER also if that of a channel is NULL.
 * Thread: as `undersong_live_push`. Real-time safe: yes, at the live pace.
 *
 * # Safety
 * `channels` is NULL or points to a pointer for each channel of the config, each of which is NULL or points to `frames` samples.
 */
UndersongCode undersong_live_push_planar(struct UndersongLive *live,
                                         const float *const *channels,
                                         size_t frames);

/**
 * Frames pushed since creation or the last reset, dropped ones included: where the next lies.
 *
 * Errors: POINTER, HANDLE, BUSY (another thread pushes or resets).
 * Thread: the one that pushes. Real-time safe: yes.
 *
 * # Safety
 * `frames` is NULL or can be written.
 */
UndersongCode undersong_live_position(const struct UndersongLive *live, uint64_t *frames);

/**
 * At the offline pace, waits until what was pushed is analysed and its events can be polled; poll until EMPTY after each wait. At the live pace
 * it returns at once.
 *
 * Errors: HANDLE, BUSY (another thread pushes or resets).
 * Thread: the one that pushes. Real-time safe: no.
 */
UndersongCode undersong_live_wait(struct UndersongLive *live);

/**
 * Forgets all sound and all events at once: the next frame is the first of a new voice, at position 0. For a cut, another speaker, a new level.
 *
 * Errors: HANDLE, BUSY (another thread pushes or resets).
 * Thread: the one that pushes. Real-time safe: yes.
 */
UndersongCode undersong_live_reset(struct UndersongLive *live);

/**
 * Takes the next event since the last reset, oldest first; EMPTY if there is none. Call it until EMPTY, as often as the game wants news.
 *
 * Events wait in a queue of 1,024; more are lost and counted. `event->struct_size` is to be set before; it stays.
 *
 * Errors: POINTER, STRUCT_SIZE, HANDLE, BUSY (another thread polls); no event is lost then.
 * Thread: one at a time, which may be another than the one that pushes. Real-time safe: yes.
 *
 * # Safety
 * `event` is NULL or a struct as its `struct_size` says.
 */
UndersongCode undersong_live_poll(struct UndersongLive *live,
                                  struct UndersongEvent *event);

/**
 * The last update since the last reset, for who has no use for each; EMPTY before the first. It takes nothing from the queue.
 *
 * Errors: POINTER, STRUCT_SIZE, HANDLE.
 * Thread: any number at once, but the audio thread. Real-time safe: no.
 *
 * # Safety
 * `event` is NULL or a struct as its `struct_size` says.
 */
UndersongCode undersong_live_latest(const struct UndersongLive *live,
                                    struct UndersongEvent *event);

/**
 * How the hearing goes: level, lag, what was dropped, which engine, and what is wrong, if anything is.
 *
 * Errors: POINTER, STRUCT_SIZE, HANDLE.
 * Thread: any number at once, but the audio thread. Real-time safe: no.
 *
 * # Safety
 * `status` is NULL or a struct as its `struct_size` says.
 */
UndersongCode undersong_live_status(const struct UndersongLive *live, struct UndersongStatus *status);

/**
 * Scans a whole sound, full scale being 1, channel by channel within each frame: the windows and scores that `undersong scan` gives of a file with
 * these samples. It returns when all is done; nothing of `samples` or `config` is needed afterwards.
 *
 * `*scan` becomes a handle, and NULL after an error; `undersong_scan_destroy` gives it back.
 *
 * Errors: POINTER, STRUCT_SIZE, HANDLE (the model's), SAMPLE_RATE, CHANNELS, VALUE, SOUND, MODEL, ENGINE, TOO_MANY.
 * Thread: any but the audio thread; any number at once. Real-time safe: no.
 *
 * # Safety
 * `config` is NULL or a struct as its `struct_size` says, `samples` is NULL or points to `frames` times the channels, `scan` is NULL or can be written.
 */
UndersongCode undersong_scan(const struct UndersongScanConfig *config,
                             const float *samples,
                             size_t frames,
                             struct UndersongScan **scan);

/**
 * A scanned sound as a whole.
 *
 * Errors: POINTER, STRUCT_SIZE, HANDLE.
 * Thread: any number at once. Real-time safe: no.
 *
 * # Safety
 * `summary` is NULL or a struct as its `struct_size` says.
 */
UndersongCode undersong_scan_summary(const struct UndersongScan *scan, struct UndersongSummary *summary);

/**
 * A window of a scanned sound, from 0 on, in time order; they overlap.
 *
 * Errors: POINTER, STRUCT_SIZE, HANDLE, INDEX.
 * Thread: any number at once. Real-time safe: no.
 *
 * # Safety
 * `window` is NULL or a struct as its `struct_size` says.
 */
UndersongCode undersong_scan_window(const struct UndersongScan *scan, uint64_t index, struct UndersongWindow *window);

/**
 * Gives a scan back and frees it. NULL does nothing.
 *
 * Errors: HANDLE, also if it was destroyed before.
 * Thread: any. Real-time safe: no.
 */
UndersongCode undersong_scan_destroy(struct UndersongScan *scan);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* UNDERSONG_H */
