// Structured log lines: an event with named values. Never secrets, never personal data.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace stardrop {

/// How much a line matters.
enum class LogLevel : std::uint8_t { debug, info, warning, error, critical };
/// How lines look: for people, or one JSON object each.
enum class LogFormat : std::uint8_t { text, json };

/// A value of a line.
struct LogField {
  std::string_view name;
  std::variant<std::int64_t, std::string_view> value;
};

/// Writes a line to standard error. `event` is a short constant such as `server.started`. Control
/// characters in values are escaped: a value can't forge a line. Any thread.
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

/// Sets what is written and how. Any thread.
void set_logging(LogLevel least, LogFormat format);

}  // namespace stardrop
