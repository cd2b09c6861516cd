// A stub of Unreal Engine: the published names and signatures that the Undersong module uses, with as much behind them as its check needs. Not Unreal.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

typedef int32_t int32;
typedef uint32_t uint32;

#define UCLASS(...)
#define UPROPERTY(...)
#define UFUNCTION(...)
// The tool that makes *.generated.h writes more; of it the module needs this.
#define GENERATED_BODY() using Super = UActorComponent;
#define UNDERSONG_API
#define TEXT(text) text
#define UTF8_TO_TCHAR(text) text
#define INDEX_NONE (-1)
#define DEFINE_LOG_CATEGORY_STATIC(name, level, most)
#define UE_LOG(category, level, format, ...) std::fprintf(stderr, format "\n", __VA_ARGS__)

template <typename T>
std::remove_reference_t<T> &&MoveTemp(T &&value) { return static_cast<std::remove_reference_t<T> &&>(value); }

template <typename T>
class TOptional {
 public:
  bool IsSet() const { return value.has_value(); }
  void Reset() { value.reset(); }
  template <typename... A>
  void Emplace(A &&...arguments) { value.emplace(std::forward<A>(arguments)...); }
  T *operator->() { return &*value; }

 private:
  std::optional<T> value;
};

template <typename T>
class TArray {
 public:
  int32 Num() const { return static_cast<int32>(items.size()); }
  void Reset() { items.clear(); }
  void Add(T item) { items.push_back(std::move(item)); }
  void Init(const T &item, int32 count) { items.assign(static_cast<std::size_t>(count), item); }
  T &operator[](int32 index) { return items[static_cast<std::size_t>(index)]; }
  const T &operator[](int32 index) const { return items[static_cast<std::size_t>(index)]; }
  int32 Find(const T &item) const {
    const auto found = std::find(items.begin(), items.end(), item);
    return found == items.end() ? INDEX_NONE : static_cast<int32>(found - items.begin());
  }

 private:
  std::vector<T> items;
};

class FName {
 public:
  FName() = default;
  explicit FName(const char *text) : text(text) {}
  bool IsNone() const { return text.empty(); }
  bool operator==(const FName &) const = default;

 private:
  std::string text;
};

#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(Name, A, a, B, b)                 \
  struct Name {                                                                        \
    std::vector<std::function<void(A, B)>> listeners; /* AddDynamic adds to these */    \
    void Broadcast(A first, B second) { for (auto &each : listeners) each(first, second); } \
  }
