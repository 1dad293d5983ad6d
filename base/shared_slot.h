// A shared pointer that one thread replaces and others read.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace stardrop {

/// What `std::atomic<std::shared_ptr<T>>` is for. The one of GCC 12 lets a reader's last access
/// race with the next store; a lock held for two instructions doesn't. Any thread.
template <class T>
class SharedSlot {
 public:
  SharedSlot() = default;
  explicit SharedSlot(std::shared_ptr<T> value) noexcept : value_(std::move(value)) {}

  std::shared_ptr<T> load() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void store(std::shared_ptr<T> value) {
    const std::lock_guard lock(mutex_);
    value_.swap(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<T> value_;
};

}  // namespace stardrop
