// Log lines on standard error, without secrets.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "app/settings.h"

namespace stardrop::app {

/// A fact of a log line. Values that look like numbers are still text: lines are for people and
/// simple collectors.
using LogFact = std::pair<std::string_view, std::string>;

/// Sets up logging for the process. May be called again to change the level.
void start_log(const LogSettings& settings);
/// Changes the level only.
void set_log_level(LogLevel level);

/// Writes one line: a short sentence and its facts. Any thread.
void log_line(LogLevel level, std::string_view sentence, std::initializer_list<LogFact> facts = {});

/// Remembers a secret of this process, so that `redacted` masks it wherever it turns up.
void remember_secret(std::string secret);

/// `text` with everything masked that looks like a key or was remembered as one.
std::string redacted(std::string_view text);

/// One line as `log_line` writes it, without its time; for tests.
std::string format_line(LogFormat format,
                        LogLevel level,
                        std::string_view sentence,
                        std::initializer_list<LogFact> facts);

}  // namespace stardrop::app
