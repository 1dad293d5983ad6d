// What every kind of connection has in common.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stardrop::api::http {

/// A connection in the list of its IoThread; all calls on that thread.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  /// Looks at its deadlines.
  virtual void sweep(std::int64_t now_ms) = 0;
  /// The server is stopping: finish what is under way, then close.
  virtual void drain() = 0;
  /// Close at once.
  virtual void abort() = 0;

 private:
  friend class IoThread;
  static constexpr std::size_t kUnlisted = static_cast<std::size_t>(-1);
  std::size_t list_index_ = kUnlisted;
};

}  // namespace stardrop::api::http
