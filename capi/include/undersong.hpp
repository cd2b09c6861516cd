/**
 * Undersong for C++20: undersong.h with handles that end by themselves, std::span, and results that hold a value or an error.
 *
 * Nothing here throws, so it serves games that build without exceptions: what can fail gives a `Result`. Where there are exceptions,
 * `Result::value()` throws an `undersong::Error` if there is no value. Functions for the audio thread give a `Code`, are noexcept and
 * as real-time safe as undersong.h says of theirs.
 *
 *     auto live = undersong::Live::create({.sample_rate_hz = 48000, .channels = 2});
 *     if (!live) return complain(live.message());
 *     live->push(block);                                    // the audio thread: std::span<const float>, interleaved
 *     while (auto event = live->poll()) use(event->scores); // the game's thread
 */
#ifndef UNDERSONG_HPP
#define UNDERSONG_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "undersong.h"

#if defined(__cpp_exceptions)
#include <stdexcept>
#endif

namespace undersong {

using Code = UndersongCode;

/** Whether a code is an error; EMPTY and DROPPED are none. */
constexpr bool failed(Code code) noexcept { return code < 0; }

/** A sentence for a code. */
inline const char *message_of(Code code) noexcept { return undersong_code_message(code); }

/** Version of the library. */
inline std::string_view version() noexcept { return undersong_version(); }

#if defined(__cpp_exceptions)
/** What `Result::value()` throws. */
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string &message) : std::runtime_error(message), code_(code) {}
  Code code() const noexcept { return code_; }

 private:
  Code code_;
};
#endif

/** A value, or the code and the message of why there is none. */
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}

  /** Of the call that has just failed on this thread. */
  static Result failure(Code code) { return Result(code, undersong_last_error()); }

  explicit operator bool() const noexcept { return value_.has_value(); }
  Code code() const noexcept { return code_; }
  const std::string &message() const noexcept { return message_; }

  /** Only if there is a value. */
  T &operator*() & noexcept { return *value_; }
  const T &operator*() const & noexcept { return *value_; }
  T &&operator*() && noexcept { return std::move(*value_); }
  T *operator->() noexcept { return &*value_; }
  const T *operator->() const noexcept { return &*value_; }

#if defined(__cpp_exceptions)
  T value() && {
    if (!value_) throw Error(code_, message_);
    return std::move(*value_);
  }
#endif

 private:
  Result(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  std::optional<T> value_;
  Code code_ = UNDERSONG_CODE_OK;
  std::string message_;
};

namespace detail {

/** Owns a handle. Moving leaves nothing behind. */
template <typename T, UndersongCode (*destroy)(T *)>
class Handle {
 public:
  explicit Handle(T *handle) noexcept : handle_(handle) {}
  Handle(Handle &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle &operator=(Handle &&other) noexcept {
    if (this != &other) {
      destroy(handle_);
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  Handle(const Handle &) = delete;
  Handle &operator=(const Handle &) = delete;
  ~Handle() { destroy(handle_); }
  T *get() const noexcept { return handle_; }

 private:
  T *handle_;
};

/** A struct with its size set, filled by a call. */
template <typename T, typename Call>
Result<T> filled(Call call) {
  T value{};
  value.struct_size = sizeof(T);
  const Code code = call(&value);
  if (code != UNDERSONG_CODE_OK) return Result<T>::failure(code);
  return value;
}

}  // namespace detail

/** Which model, and what runs it. What is left out has its default. */
struct ModelOptions {
  UndersongEngine engine = UNDERSONG_ENGINE_AUTO;
  std::string path = {};
  std::span<const std::byte> bytes = {};
  std::string runtime_path = {};
  std::string profile_path = {};
  std::span<const std::byte> profile_bytes = {};
};

/** A model; cheap to share by reference, and it may go before what uses it. */
class Model {
 public:
  static Result<Model> open(const ModelOptions &options = {}) {
    const auto text = [](const std::string &text) { return text.empty() ? nullptr : text.c_str(); };
    UndersongModelConfig config{};
    config.struct_size = sizeof config;
    config.engine = options.engine;
    config.path = text(options.path);
    config.bytes = options.bytes.data();
    config.bytes_size = options.bytes.size();
    config.runtime_path = text(options.runtime_path);
    config.profile_path = text(options.profile_path);
    config.profile_bytes = options.profile_bytes.data();
    config.profile_bytes_size = options.profile_bytes.size();
    UndersongModel *model = nullptr;
    const Code code = undersong_model_open(&config, &model);
    if (failed(code)) return Result<Model>::failure(code);
    return Model(model);
  }

  Result<UndersongModelInfo> info() const {
    return detail::filled<UndersongModelInfo>([&](auto *info) { return undersong_model_info(get(), info); });
  }

  Result<UndersongEmotion> emotion(std::uint32_t index) const {
    return detail::filled<UndersongEmotion>(
        [&](auto *emotion) { return undersong_model_emotion(get(), index, emotion); });
  }

  /** The emotions' names, in the order of the scores. */
  Result<std::vector<std::string>> labels() const {
    const auto all = info();
    if (!all) return Result<std::vector<std::string>>::failure(all.code());
    std::vector<std::string> names;
    for (std::uint32_t index = 0; index < all->emotions; ++index) {
      const auto known = emotion(index);
      if (!known) return Result<std::vector<std::string>>::failure(known.code());
      names.emplace_back(known->name);
    }
    return names;
  }

  UndersongModel *get() const noexcept { return handle_.get(); }

 private:
  friend class Live;
  explicit Model(UndersongModel *model) noexcept : handle_(model) {}
  detail::Handle<UndersongModel, undersong_model_destroy> handle_;
};

/** How one voice is to be heard. What is left out has its default. */
struct LiveOptions {
  std::uint32_t sample_rate_hz = 48000;
  std::uint32_t channels = 1;
  UndersongPace pace = UNDERSONG_PACE_LIVE;
  const Model *model = nullptr;
  double hop_seconds = 0;
  double smoothing_seconds = 0;
  double decay_seconds = 0;
  float sensitivity = 0;
  std::span<const float> priors = {};
};

/** One voice, live. One thread pushes, one may poll. */
class Live {
 public:
  static Result<Live> create(const LiveOptions &options) {
    UndersongLiveConfig config{};
    config.struct_size = sizeof config;
    config.sample_rate_hz = options.sample_rate_hz;
    config.channels = options.channels;
    config.pace = options.pace;
    config.model = options.model ? options.model->get() : nullptr;
    config.hop_seconds = options.hop_seconds;
    config.smoothing_seconds = options.smoothing_seconds;
    config.decay_seconds = options.decay_seconds;
    config.sensitivity = options.sensitivity;
    config.priors = options.priors.data();
    config.priors_count = static_cast<std::uint32_t>(options.priors.size());
    UndersongLive *live = nullptr;
    const Code code = undersong_live_create(&config, &live);
    if (failed(code)) return Result<Live>::failure(code);
    return Live(live, options.channels);
  }

  /** A block, interleaved; VALUE if a frame is not whole, and nothing is taken then. Real-time safe. */
  Code push(std::span<const float> samples) noexcept {
    if (samples.size() % channels_ != 0) return UNDERSONG_CODE_VALUE;
    return undersong_live_push(get(), samples.data(), samples.size() / channels_);
  }

  /** A block, a pointer for each channel; CHANNELS if there are not as many. Real-time safe. */
  Code push(std::span<const float *const> channels, std::size_t frames) noexcept {
    if (channels.size() != channels_) return UNDERSONG_CODE_CHANNELS;
    return undersong_live_push_planar(get(), channels.data(), frames);
  }

  /** The next event; none if there is none, or another thread polls. Real-time safe. */
  std::optional<UndersongEvent> poll() noexcept {
    UndersongEvent event{};
    event.struct_size = sizeof event;
    if (undersong_live_poll(get(), &event) != UNDERSONG_CODE_OK) return std::nullopt;
    return event;
  }

  /** Forgets all sound and all events. Real-time safe. */
  Code reset() noexcept { return undersong_live_reset(get()); }

  /** At the offline pace, waits until what was pushed is analysed. */
  Code wait() noexcept { return undersong_live_wait(get()); }

  /** The last update; none before the first. Not for the audio thread. */
  std::optional<UndersongEvent> latest() const noexcept {
    UndersongEvent event{};
    event.struct_size = sizeof event;
    if (undersong_live_latest(get(), &event) != UNDERSONG_CODE_OK) return std::nullopt;
    return event;
  }

  Result<UndersongStatus> status() const {
    return detail::filled<UndersongStatus>([&](auto *status) { return undersong_live_status(get(), status); });
  }

  /** The model that listens. */
  Result<Model> model() const {
    UndersongModel *model = nullptr;
    const Code code = undersong_live_model(get(), &model);
    if (failed(code)) return Result<Model>::failure(code);
    return Model(model);
  }

  UndersongLive *get() const noexcept { return handle_.get(); }

 private:
  Live(UndersongLive *live, std::uint32_t channels) noexcept : handle_(live), channels_(channels) {}
  detail::Handle<UndersongLive, undersong_live_destroy> handle_;
  std::uint32_t channels_;
};

/** How a sound is to be scanned. What is left out has its default. */
struct ScanOptions {
  std::uint32_t sample_rate_hz = 48000;
  std::uint32_t channels = 1;
  std::uint32_t jobs = 0;
  const Model *model = nullptr;
  double hop_seconds = 0;
  std::span<const float> priors = {};
};

/** A sound, scanned. */
class Scan {
 public:
  static Result<Scan> of(std::span<const float> samples, const ScanOptions &options) {
    UndersongScanConfig config{};
    config.struct_size = sizeof config;
    config.sample_rate_hz = options.sample_rate_hz;
    config.channels = options.channels;
    config.jobs = options.jobs;
    config.model = options.model ? options.model->get() : nullptr;
    config.hop_seconds = options.hop_seconds;
    config.priors = options.priors.data();
    config.priors_count = options.priors.size();
    UndersongScan *scan = nullptr;
    const std::size_t channels = options.channels > 0 ? options.channels : 1;
    const Code code = undersong_scan(&config, samples.data(), samples.size() / channels, &scan);
    if (failed(code)) return Result<Scan>::failure(code);
    return Scan(scan);
  }

  Result<UndersongSummary> summary() const {
    return detail::filled<UndersongSummary>([&](auto *summary) { return undersong_scan_summary(get(), summary); });
  }

  Result<UndersongWindow> window(std::uint64_t index) const {
    return detail::filled<UndersongWindow>([&](auto *window) { return undersong_scan_window(get(), index, window); });
  }

  UndersongScan *get() const noexcept { return handle_.get(); }

 private:
  explicit Scan(UndersongScan *scan) noexcept : handle_(scan) {}
  detail::Handle<UndersongScan, undersong_scan_destroy> handle_;
};

}  // namespace undersong

#endif
