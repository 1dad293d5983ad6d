// An io_uring: requests to the system and what became of them, in memory shared with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include <linux/io_uring.h>

namespace stardrop::app {

/// What became of a request.
struct Completion {
  std::uint64_t user_data = 0;
  int result = 0;
  unsigned flags = 0;
};

/// One thread makes it and uses it. See io_uring(7).
class Ring {
 public:
  /// Nothing if the system has no io_uring, forbids it, or has one too old for this.
  static std::unique_ptr<Ring> make(unsigned requests, unsigned completions);
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring();

  /// A zeroed request to fill in; it is handed over with the next `enter`.
  io_uring_sqe& request();
  /// Hands requests over; waits at most `ms` milliseconds for a completion if there is none.
  void enter(int ms);
  /// The next completion; nothing if all were taken.
  std::optional<Completion> next();

  /// Gives the system `count` (a power of two) buffers of `size` bytes to receive into, as group 0.
  bool give_buffers(unsigned count, unsigned size);
  const char* buffer(unsigned number) const {
    return buffers_ + std::size_t{number} * buffer_size_;
  }
  /// Gives one back.
  void recycle(unsigned number);

 private:
  explicit Ring(int file) : file_(file) {}
  bool map(const io_uring_params& params);

  struct Mapping {
    void* at = nullptr;
    std::size_t size = 0;
  };
  static void unmap(Mapping mapping);

  const int file_;
  Mapping rings_;
  Mapping entries_;
  Mapping buffer_ring_;
  Mapping buffer_bytes_;
  unsigned* request_head_ = nullptr;
  unsigned* request_tail_ = nullptr;
  unsigned request_mask_ = 0;
  unsigned request_count_ = 0;
  unsigned requests_made_ = 0;
  unsigned requests_given_ = 0;
  unsigned* completion_head_ = nullptr;
  unsigned* completion_tail_ = nullptr;
  unsigned completion_mask_ = 0;
  io_uring_cqe* completions_ = nullptr;
  char* buffers_ = nullptr;
  unsigned buffer_size_ = 0;
  unsigned buffer_count_ = 0;
  std::uint16_t buffer_tail_ = 0;
};

}  // namespace stardrop::app
