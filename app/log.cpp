// Log lines on standard error, without secrets.
#include "app/log.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "app/cli/console.h"
#include "base/json_writer.h"
#include "base/time.h"

namespace stardrop::app {

namespace {

constexpr std::string_view kMask = "****";
/// Words behind which a secret stands, up to the next blank, quote or slash.
constexpr std::array<std::string_view, 5> kSecretAfter = {"Bearer ", "/bot",
                                                          "operator_key=", "api_key=", "token="};

std::mutex secrets_mutex;
std::vector<std::string> secrets;
std::atomic<LogFormat> line_format{LogFormat::text};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

void mask_all(std::string& text, std::string_view secret) {
  for (std::size_t at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kMask.size())) {
    text.replace(at, secret.size(), kMask);
  }
}

void mask_after(std::string& text, std::string_view mark) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    at += mark.size();
    const std::size_t end = std::min(text.find_first_of(" \"'/&,;\n", at), text.size());
    text.replace(at, end - at, kMask);
  }
}

}  // namespace

void start_log(const LogSettings& settings) {
  line_format = settings.format;
  auto logger = std::make_shared<spdlog::logger>("stardrop",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  logger->set_level(spdlog_level(settings.level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

void set_log_level(LogLevel level) { spdlog::set_level(spdlog_level(level)); }

void remember_secret(std::string secret) {
  if (secret.size() < 8) return;  // masking short words would only garble lines
  const std::lock_guard lock(secrets_mutex);
  secrets.push_back(std::move(secret));
}

std::string redacted(std::string_view text) {
  std::string out(text);
  {
    const std::lock_guard lock(secrets_mutex);
    for (const std::string& secret : secrets) mask_all(out, secret);
  }
  for (const std::string_view mark : kSecretAfter) mask_after(out, mark);
  return out;
}

std::string format_line(LogFormat format,
                        LogLevel level,
                        std::string_view sentence,
                        std::initializer_list<LogFact> facts) {
  std::string line;
  if (format == LogFormat::json) {
    JsonWriter json(line);
    json.begin_object();
    json.key("level").text(name_of(level));
    json.key("message").text(redacted(sentence));
    for (const auto& [name, value] : facts) json.key(name).text(redacted(value));
    json.end_object();
    return line;
  }
  line = std::string(name_of(level)) + " " + printable(redacted(sentence));
  for (const auto& [name, value] : facts) {
    line += " " + std::string(name) + "=";
    const std::string shown = redacted(value);
    if (shown.find_first_of(" \"=") == std::string::npos && !shown.empty()) {
      line += printable(shown);
    } else {
      append_json_text(line, shown);
    }
  }
  return line;
}

void log_line(LogLevel level, std::string_view sentence, std::initializer_list<LogFact> facts) {
  const std::string time = rfc3339(SystemClock().now());
  std::string line = format_line(line_format, level, sentence, facts);
  if (line_format.load() == LogFormat::json) {
    line.insert(1, "\"time\":\"" + time + "\",");
  } else {
    line.insert(0, time + " ");
  }
  spdlog::default_logger_raw()->log(spdlog_level(level),
                                    spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace stardrop::app
