// What went wrong: a code from the one table, and the facts that explain it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace stardrop {

/// The stable code of a refusal. Its spelling is the same in C++, JSON, metrics and docs.
enum class ErrorCode : std::uint8_t {
#define STARDROP_ERROR(code, http, kind, title) code,
#include "base/errors.def"
#undef STARDROP_ERROR
};

/// What the refusal means for the caller; see base/errors.def.
enum class ErrorKind : std::uint8_t { malformed, rejected, retry, internal };

/// One row of the table of refusals.
struct ErrorInfo {
  std::string_view code;
  int http_status;
  ErrorKind kind;
  std::string_view title;
};

/// Number of codes in the table.
inline constexpr std::size_t kErrorCount = 0
#define STARDROP_ERROR(code, http, kind, title) +1
#include "base/errors.def"
#undef STARDROP_ERROR
    ;

/// The table row of `code`.
const ErrorInfo& info(ErrorCode code) noexcept;

/// The code spelled `name`, if there is one.
std::optional<ErrorCode> error_code(std::string_view name) noexcept;

/// A fact that goes with a refusal: a whole number, true or false, or text (ids, times and amounts
/// as they are written in JSON).
struct Fact {
  std::string_view name;
  std::variant<std::int64_t, bool, std::string> value;
};

/// A refusal: what, which parameter, and facts. Cheap to move; facts are allocated only when given.
class [[nodiscard]] Error {
 public:
  Error(ErrorCode code) noexcept : code_(code) {}  // NOLINT(google-explicit-constructor)

  ErrorCode code() const noexcept { return code_; }

  /// Names the request's field at fault.
  Error&& param(std::string name) && {
    more().param = std::move(name);
    return std::move(*this);
  }
  /// Says in a sentence what is wrong with this very request.
  Error&& detail(std::string sentence) && {
    more().detail = std::move(sentence);
    return std::move(*this);
  }
  /// Adds a whole number.
  Error&& with(std::string_view name, std::int64_t value) && {
    more().facts.push_back({name, value});
    return std::move(*this);
  }
  /// Adds a truth.
  Error&& with(std::string_view name, bool value) && {
    more().facts.push_back({name, value});
    return std::move(*this);
  }
  /// Adds text.
  Error&& with(std::string_view name, std::string value) && {
    more().facts.push_back({name, std::move(value)});
    return std::move(*this);
  }
  Error&& with(std::string_view name, const char* value) && = delete;

  std::string_view param_name() const noexcept { return more_ ? more_->param : std::string_view{}; }
  std::string_view detail_text() const noexcept {
    return more_ ? more_->detail : std::string_view{};
  }
  const std::vector<Fact>& facts() const noexcept;

 private:
  struct More {
    std::string param;
    std::string detail;
    std::vector<Fact> facts;
  };
  More& more() {
    if (!more_) more_ = std::make_shared<More>();
    return *more_;
  }

  ErrorCode code_;
  std::shared_ptr<More> more_;
};

}  // namespace stardrop
