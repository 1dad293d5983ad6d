// A client that sends exactly the bytes it is told to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stardrop::api::http::test {

/// One answer, taken apart just enough to check it.
struct Answer {
  unsigned status = 0;  ///< 0: the connection ended before a whole answer
  std::string head;     ///< up to and including the blank line
  std::string body;     ///< by Content-Length; empty without one
  /// The value of a header line; empty if there is none.
  std::string header(std::string_view name) const;
};

/// A blocking socket on loopback. Every read gives up after kPatienceSeconds, which only a defect
/// reaches.
class RawClient {
 public:
  static constexpr int kPatienceSeconds = 30;

  /// `receive_buffer_bytes` > 0 asks for a small window, for clients that do not read.
  explicit RawClient(std::uint16_t port, int receive_buffer_bytes = 0);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  bool send(std::string_view bytes);
  /// Sends as much as fits without waiting for the server to read; returns how much did.
  std::size_t send_what_fits(std::string_view bytes);
  /// Tells the server that nothing follows.
  void finish_sending();
  void close();

  /// Reads one whole answer. After a HEAD request pass false: there is no body then.
  Answer read_answer(bool with_body = true);
  /// Reads exactly `count` bytes, fewer only if the connection ends.
  std::string read_bytes(std::size_t count);
  /// Reads up to and including `mark`; what came before if the connection ends.
  std::string read_until(std::string_view mark);
  /// Reads until the server closes. Fails the test if it does not.
  std::string read_to_end();
  /// Whether the connection ended (by FIN or reset) rather than the patience.
  bool ended() const { return ended_; }
  std::uint16_t local_port() const;

 private:
  bool fill();

  int socket_ = -1;
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace stardrop::api::http::test
