// Bytes waiting to be sent: copied, moved in or shared.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/buffer.hpp>

namespace stardrop::api::http {

/// Text that many connections send; never changed once made.
using SharedText = std::shared_ptr<const std::string>;

/// An outgoing queue of bytes. Small pieces are joined, large and shared ones are kept by
/// reference, and all of them are written with one gathering call.
class OutputBuffer {
 public:
  /// Where small pieces are joined. Valid until the next call of any other member.
  std::string& tail();
  /// Must follow writes to tail().
  void tail_grown(std::size_t bytes) { bytes_ += bytes; }

  void append(std::string_view text);
  /// Takes a body over without copying it if it is large.
  void append_body(std::string&& body);
  void append_shared(SharedText text);
  /// Moves everything out of `other`, which is left empty; nothing of it may have been sent.
  void append_all(OutputBuffer& other);

  std::size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

  /// The unsent bytes from the front, as far as kGatherMax pieces go. Valid until the buffer is
  /// changed.
  const std::vector<boost::asio::const_buffer>& gather();
  /// Forgets the first `count` bytes: they were sent.
  void consume(std::size_t count);
  void clear();

 private:
  struct Piece {
    std::string own;
    SharedText shared;
    std::string_view text() const {
      return shared ? std::string_view(*shared) : std::string_view(own);
    }
  };

  std::vector<Piece> pieces_;
  std::vector<boost::asio::const_buffer> gathered_;
  std::size_t first_ = 0;         // piece that is sent next
  std::size_t first_offset_ = 0;  // bytes of it that were sent
  std::size_t bytes_ = 0;
};

}  // namespace stardrop::api::http
