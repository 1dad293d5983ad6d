// Log lines through spdlog.
#include "base/log.h"

#include <atomic>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/json_writer.h"

namespace stardrop {
namespace {

std::atomic<LogFormat> log_format{LogFormat::text};

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = spdlog::stderr_logger_mt("stardrop");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    case LogLevel::critical: return spdlog::level::critical;
  }
  return spdlog::level::info;
}

std::string text_line(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line(event);
  for (const LogField& field : fields) {
    line.append(" ").append(field.name).append("=");
    if (const auto* const number = std::get_if<std::int64_t>(&field.value)) {
      line += std::to_string(*number);
    } else {
      append_json_text(line, std::get<std::string_view>(field.value));
    }
  }
  return line;
}

std::string json_line(LogLevel level,
                      std::string_view event,
                      std::initializer_list<LogField> fields) {
  std::string line;
  JsonWriter out(line);
  out.begin_object();
  const auto name = spdlog::level::to_string_view(spdlog_level(level));
  out.key("time").text(rfc3339(SystemClock().now()));
  out.key("level").text({name.data(), name.size()});
  out.key("event").text(event);
  for (const LogField& field : fields) {
    out.key(field.name);
    if (const auto* const number = std::get_if<std::int64_t>(&field.value)) {
      out.integer(*number);
    } else {
      out.text(std::get<std::string_view>(field.value));
    }
  }
  out.end_object();
  return line;
}

}  // namespace

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  spdlog::logger& out = logger();
  if (!out.should_log(spdlog_level(level))) return;
  const bool json = log_format.load(std::memory_order_relaxed) == LogFormat::json;
  out.log(spdlog_level(level), "{}",
          json ? json_line(level, event, fields) : text_line(event, fields));
  if (level >= LogLevel::error) out.flush();
}

void set_logging(LogLevel least, LogFormat format) {
  log_format.store(format, std::memory_order_relaxed);
  logger().set_pattern(format == LogFormat::json ? "%v" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                       spdlog::pattern_time_type::utc);
  logger().set_level(spdlog_level(least));
}

}  // namespace stardrop
