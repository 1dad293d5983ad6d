// Result<T>: a value or the refusal that stands in its place.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace stardrop {

/// A `T`, or the `Error` that explains why there is none. The shape of C++23's `std::expected`.
template <class T>
class [[nodiscard]] Result {
 public:
  using Value = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  Result(ErrorCode code) : state_(std::in_place_index<1>, code) {}           // NOLINT

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  /// The value; the caller has checked `ok()`.
  T& value() & {
    STARDROP_ASSERT(ok(), "a result is read as a value only when it is one");
    return std::get<0>(state_);
  }
  const T& value() const& {
    STARDROP_ASSERT(ok(), "a result is read as a value only when it is one");
    return std::get<0>(state_);
  }
  T&& value() && {
    STARDROP_ASSERT(ok(), "a result is read as a value only when it is one");
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// The refusal; the caller has checked `!ok()`.
  const Error& error() const& {
    STARDROP_ASSERT(!ok(), "a result is read as a refusal only when it is one");
    return std::get<1>(state_);
  }
  Error&& error() && {
    STARDROP_ASSERT(!ok(), "a result is read as a refusal only when it is one");
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

/// Nothing, said with success.
struct Done {
  friend bool operator==(Done, Done) = default;
};

/// Success, or why not.
using Status = Result<Done>;

/// The successful `Status`.
inline Status done() { return Status(Done{}); }

}  // namespace stardrop

/// Returns from the current function with the refusal of `expression`, if it is one.
#define STARDROP_TRY(expression)                                  \
  do {                                                            \
    if (auto stardrop_try_ = (expression); !stardrop_try_.ok()) { \
      return std::move(stardrop_try_).error();                    \
    }                                                             \
  } while (false)

#define STARDROP_CONCAT_(a, b) a##b
#define STARDROP_CONCAT(a, b) STARDROP_CONCAT_(a, b)

/// Declares `variable` with the value of `expression`, or returns its refusal.
#define STARDROP_TRY_ASSIGN(variable, expression)                          \
  auto STARDROP_CONCAT(stardrop_result_, __LINE__) = (expression);         \
  if (!STARDROP_CONCAT(stardrop_result_, __LINE__).ok()) {                 \
    return std::move(STARDROP_CONCAT(stardrop_result_, __LINE__)).error(); \
  }                                                                        \
  variable = std::move(STARDROP_CONCAT(stardrop_result_, __LINE__)).value()
