// RFC 3339 and the system clock.
#include "base/time.h"

#include <array>
#include <charconv>
#include <chrono>

namespace stardrop {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

/// Reads `count` digits at `at`; −1 if they aren't digits.
int digits(std::string_view text, std::size_t at, std::size_t count) noexcept {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Appends a number of at least `width` digits.
void append_padded(std::string& out, std::int64_t value, std::ptrdiff_t width) {
  std::array<char, 20> buffer{};
  const char* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  const std::ptrdiff_t size = end - buffer.data();
  if (size < width) out.append(static_cast<std::size_t>(width - size), '0');
  out.append(buffer.data(), static_cast<std::size_t>(size));
}

}  // namespace

std::string rfc3339(Instant instant) {
  using std::chrono::days;
  std::int64_t day = instant.us / kDayUs;
  std::int64_t rest = instant.us % kDayUs;
  if (rest < 0) {
    rest += kDayUs;
    --day;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{days{day}}};
  const std::int64_t second = rest / 1'000'000;
  const std::int64_t micro = rest % 1'000'000;
  // By hand: pages of answers are full of times, and a format string costs ten times as much.
  std::string out;
  out.reserve(32);
  append_padded(out, static_cast<int>(date.year()), 4);
  append_padded(out += '-', static_cast<unsigned>(date.month()), 2);
  append_padded(out += '-', static_cast<unsigned>(date.day()), 2);
  append_padded(out += 'T', second / 3600, 2);
  append_padded(out += ':', second / 60 % 60, 2);
  append_padded(out += ':', second % 60, 2);
  if (micro != 0) {
    const bool milli = micro % 1000 == 0;
    append_padded(out += '.', milli ? micro / 1000 : micro, milli ? 3 : 6);
  }
  out += 'Z';
  return out;
}

std::optional<Instant> parse_rfc3339(std::string_view text) noexcept {
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  const int second = digits(text, 17, 2);
  if (year < 1970 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return {};
  if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return {};
  if (text[10] != 'T' && text[10] != 't') return {};
  if (hour > 23 || minute > 59 || second > 59) return {};
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return {};
  std::size_t at = 19;
  std::int64_t micro = 0;
  if (at < text.size() && text[at] == '.') {
    std::size_t count = 0;
    std::int64_t scale = 100'000;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++count) {
      micro += (text[at] - '0') * scale;
      scale /= 10;
    }
    if (count == 0 || count > 9) return {};
  }
  std::int64_t offset_minutes = 0;
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
  } else if (at + 6 == text.size() && (text[at] == '+' || text[at] == '-')) {
    const int hours = digits(text, at + 1, 2);
    const int minutes = digits(text, at + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || text[at + 3] != ':') return {};
    offset_minutes = (hours * 60 + minutes) * (text[at] == '-' ? -1 : 1);
    at += 6;
  } else {
    return {};
  }
  if (at != text.size()) return {};
  const std::int64_t whole_days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds = hour * 3600 + minute * 60 + second - offset_minutes * 60;
  const Instant out{whole_days * kDayUs + seconds * 1'000'000 + micro};
  if (out.us <= 0 || out > kInstantMax) return {};
  return out;
}

Instant SystemClock::now() const noexcept {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
}

}  // namespace stardrop
