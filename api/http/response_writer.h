// Writes the head of an answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "api/http/request.h"

namespace stardrop::api::http {

/// The `Date` line, remade once a second.
class DateLine {
 public:
  /// Remakes the line for a time in Unix seconds.
  void set(std::int64_t unix_seconds);
  /// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
  std::string_view line() const { return line_; }

 private:
  std::int64_t made_for_ = -1;
  std::string line_;
};

/// How the body of an answer is delimited.
enum class Delimiting : std::uint8_t {
  length,  ///< Content-Length
  chunks,  ///< Transfer-Encoding: chunked
  close,   ///< the end of the connection
  none,    ///< no body by its status: 204, 304
};

/// What the head of an answer says.
struct ResponseHead {
  unsigned status = 200;
  std::string_view content_type;  ///< empty: no such line
  Delimiting delimiting = Delimiting::length;
  std::size_t content_length = 0;
  bool close = false;                       ///< says `Connection: close`
  bool keep_alive_1_0 = false;              ///< an HTTP/1.0 client asked to stay, and may
  std::span<const HeaderField> extra = {};  ///< a CR, LF or NUL in them becomes a blank
};

/// Appends status line, fields and blank line to `out`.
void write_head(std::string& out, const ResponseHead& head, const DateLine& date);

}  // namespace stardrop::api::http
