// A bell that all nodes of a database hear: who has committed rings it, and the others look at the
// journal at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "base/result.h"
#include "storage/postgres/connection.h"

namespace stardrop::storage::postgres {

/// LISTEN and NOTIFY on a connection and a thread of its own. It tells nothing but that there may
/// be something: what, stands in the journal, and a ring that is lost costs time only. A database
/// that has no such thing, or a pooler in between that swallows it, is noticed: a bell that doesn't
/// hear itself does not work.
class Bell {
 public:
  /// `wake` is called on the bell's thread when another node has rung, and when the bell has ceased
  /// to work.
  Bell(std::string url, std::function<void()> wake);
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  ~Bell();

  /// Rings soon, once for all who ask within a few milliseconds. Any thread; nobody waits.
  void ring() noexcept;
  /// Whether it was heard a short while ago, so that looking now and then is enough. Any thread.
  bool works() const noexcept { return works_.load(); }

 private:
  void run();
  Status listen();
  /// Rings now.
  Status notify();
  void hear();
  void stop_working();
  void sleep(std::int64_t most_ms);

  std::string url_;
  std::function<void()> wake_;
  std::atomic<bool> asked_{false};
  std::atomic<bool> works_{false};
  std::atomic<bool> stopping_{false};
  int event_ = -1;  // written to when the thread has something to do

  // The thread's own.
  Connection db_;
  std::string channel_;
  std::int64_t rung_at_ = 0;   // milliseconds of the steady clock
  std::int64_t heard_at_ = 0;  // likewise
  std::thread thread_;
};

}  // namespace stardrop::storage::postgres
