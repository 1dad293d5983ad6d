// HTTP/1.1 as the load client needs it: whole requests out, whole answers in, nothing copied.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stardrop::app {

/// A server to send to: where to connect, and the lines that every request to it begins with.
struct Endpoint {
  std::string host;  ///< name or numeric address
  std::uint16_t port = 80;
  std::string url;     ///< as given, for messages
  std::string common;  ///< Host and Authorization lines, each with its line end
};

/// Reads `http://HOST[:PORT]`. Nothing if malformed, of another scheme, or with a path.
std::optional<Endpoint> parse_endpoint(std::string_view url, std::string_view key);

/// Appends a POST with a JSON body.
void append_post(std::string& out,
                 const Endpoint& to,
                 std::string_view path,
                 std::string_view idempotency_key,
                 std::string_view body);
/// Appends a GET.
void append_get(std::string& out, const Endpoint& to, std::string_view path);

/// A whole answer; views into the connection's buffer.
struct Answer {
  int status = 0;
  bool replayed = false;  ///< Idempotency-Replayed: true
  bool close = false;     ///< the server closes the connection behind it
  std::string_view body;
  std::size_t size = 0;  ///< bytes of head and body
};

/// What stands at the front of a buffer.
enum class Framed : std::uint8_t { whole, incomplete, broken };

/// Finds one answer at the front of `bytes`. Only bodies with a Content-Length are understood.
Framed frame_answer(std::string_view bytes, Answer& out);

/// The text member `name` of a flat part of `json`: the first `"name":"…"`. Empty if absent. For
/// values without escapes, such as ids and codes.
std::string_view text_member(std::string_view json, std::string_view name);
/// The whole-number member `name`; nothing if absent.
std::optional<std::int64_t> number_member(std::string_view json, std::string_view name);

/// Goes through the elements of the first list called `data` of an answer of POST /v1/batch.
class BatchAnswers {
 public:
  explicit BatchAnswers(std::string_view body);

  struct Element {
    int status = 0;
    bool replayed = false;
    std::string_view body;
  };
  /// The next element; nothing behind the last one.
  std::optional<Element> next();

 private:
  std::string_view rest_;
};

}  // namespace stardrop::app
