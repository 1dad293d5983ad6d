// Writes the head of an answer by hand: this is the hot path of every request.
#include "api/http/response_writer.h"

#include <array>
#include <charconv>
#include <ctime>

#include "api/http/door.h"

namespace stardrop::api::http {
namespace {

constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_number(std::string& out, std::size_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_two_digits(std::string& out, int value) {
  out += static_cast<char>('0' + value / 10 % 10);
  out += static_cast<char>('0' + value % 10);
}

/// Never lets a value end its line, whatever it was made from.
void append_field_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    const bool ends_line = c == '\r' || c == '\n' || c == '\0';
    out += ends_line ? ' ' : c;
  }
}

}  // namespace

void DateLine::set(std::int64_t unix_seconds) {
  if (unix_seconds == made_for_) return;
  made_for_ = unix_seconds;
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  line_ = "Date: ";
  line_ += kDays[parts.tm_wday];
  line_ += ", ";
  append_two_digits(line_, parts.tm_mday);
  line_ += ' ';
  line_ += kMonths[parts.tm_mon];
  line_ += ' ';
  append_number(line_, static_cast<std::size_t>(parts.tm_year + 1900));
  line_ += ' ';
  append_two_digits(line_, parts.tm_hour);
  line_ += ':';
  append_two_digits(line_, parts.tm_min);
  line_ += ':';
  append_two_digits(line_, parts.tm_sec);
  line_ += " GMT\r\n";
}

void write_head(std::string& out, const ResponseHead& head, const DateLine& date) {
  if (head.status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    out += "HTTP/1.1 ";
    append_number(out, head.status);
    out += ' ';
    out += reason_phrase(head.status);
    out += "\r\n";
  }
  if (!head.content_type.empty()) {
    out += "Content-Type: ";
    append_field_text(out, head.content_type);
    out += "\r\n";
  }
  if (head.delimiting == Delimiting::length) {
    out += "Content-Length: ";
    append_number(out, head.content_length);
    out += "\r\n";
  } else if (head.delimiting == Delimiting::chunks) {
    out += "Transfer-Encoding: chunked\r\n";
  }
  out += date.line();
  for (const HeaderField& field : head.extra) {
    append_field_text(out, field.name);
    out += ": ";
    append_field_text(out, field.value);
    out += "\r\n";
  }
  if (head.close) {
    out += "Connection: close\r\n";
  } else if (head.keep_alive_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

}  // namespace stardrop::api::http
