// The load client: many keep-alive connections on one thread, as cheaply as the system allows.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/drop_bench/transport.h"
#include "app/drop_bench/wire.h"

namespace stardrop::app {

/// What to send, and what becomes of the answers. Called on the loop's thread.
class Traffic {
 public:
  Traffic() = default;
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;
  virtual ~Traffic() = default;

  /// What to do about an answer.
  enum class Next : std::uint8_t {
    done,   ///< it was understood
    again,  ///< nobody knows the outcome: the same request is sent again after a pause
  };

  /// The number of the next request to send; nothing if there is none at present.
  virtual std::optional<std::uint64_t> next() = 0;
  /// Appends the whole request of a number. For a retry it must come out the same.
  virtual void write(std::uint64_t number, const Endpoint& to, std::string& out) = 0;
  /// An answer came, `ns` nanoseconds after the request was first sent.
  virtual Next answered(std::uint64_t number, const Answer& answer, std::uint64_t ns) = 0;
  /// Called about ten times a second.
  virtual void tick() {}
};

/// How the loop works.
struct LoadOptions {
  std::vector<Endpoint> endpoints;  ///< connections are shared out in turn
  std::size_t connections = 64;
  std::size_t pipeline = 1;  ///< requests in flight on one connection
  /// A request without a conclusive answer for this long ends the run.
  std::chrono::seconds patience{60};
  TransportKind transport = TransportKind::best;
};

/// What the loop did.
struct LoadCounts {
  std::uint64_t sent = 0;
  std::uint64_t answers = 0;
  std::uint64_t retries = 0;  ///< requests sent again
  std::uint64_t connections_lost =
      0;  ///< closed by the other side or broken, with requests in flight
};

/// Keeps its connections from one run to the next.
class LoadLoop final : private TransportSink {
 public:
  explicit LoadLoop(LoadOptions options);
  LoadLoop(const LoadLoop&) = delete;
  LoadLoop& operator=(const LoadLoop&) = delete;
  ~LoadLoop() override;

  /// Runs until `traffic` has nothing more to send and everything is answered. Nothing on success,
  /// else a sentence saying what is wrong.
  std::optional<std::string> run(Traffic& traffic);

  const LoadCounts& counts() const noexcept { return counts_; }

 private:
  struct Sent;
  struct Connection;
  struct Retry;

  std::optional<std::string> resolve();
  void open(Connection& connection);
  void opened(std::size_t index) override;
  void received(std::size_t index, std::string_view bytes) override;
  void closed(std::size_t index) override;
  void lost(Connection& connection);
  void fill(Connection& connection);
  std::size_t take_answers(Connection& connection, std::string_view bytes);
  void wake_idle();
  void schedule(std::uint64_t number, std::uint64_t first_sent, unsigned tries);
  bool take_due_retry(std::uint64_t& number, std::uint64_t& first_sent, unsigned& tries);
  int wait_ms() const;
  bool finished() const;
  void after_events();

  LoadOptions options_;
  LoadCounts counts_;
  Traffic* traffic_ = nullptr;
  std::unique_ptr<Transport> transport_;
  std::vector<Connection> connections_;
  std::vector<Address> addresses_;  // of the endpoints
  std::vector<Retry> retries_;      // a heap, the earliest due on top
  std::vector<Connection*> reopen_;
  std::optional<std::string> failure_;
  std::size_t in_flight_ = 0;
  std::uint64_t now_ = 0;
  std::uint64_t ticked_ = 0;
  bool exhausted_ = false;
  bool idle_seen_ = false;  // some connection found nothing to send since the last look
  bool ever_connected_ = false;
};

/// Nanoseconds on the steady clock.
std::uint64_t steady_ns();

}  // namespace stardrop::app
