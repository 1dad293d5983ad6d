// Bytes in and out of many connections, as cheaply as the system allows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <sys/socket.h>

namespace stardrop::app {

/// Where to connect to.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// Is told what happens. It may send on and close any connection while it is called.
class TransportSink {
 public:
  TransportSink() = default;
  TransportSink(const TransportSink&) = delete;
  TransportSink& operator=(const TransportSink&) = delete;
  virtual ~TransportSink() = default;

  virtual void opened(std::size_t connection) = 0;
  /// The view is good during the call only.
  virtual void received(std::size_t connection, std::string_view bytes) = 0;
  /// It could not be opened, or is closed, by the other side or by an error.
  virtual void closed(std::size_t connection) = 0;
};

/// A fixed number of connections, each closed at first. One thread.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Begins to connect; `opened` or `closed` follows, in a later `wait`.
  virtual void open(std::size_t connection, const Address& to) = 0;
  /// Closes an open one, without a word to the sink. What was not sent yet is thrown away.
  virtual void close(std::size_t connection) = 0;
  /// What is appended here goes out with the next `send`.
  virtual std::string& outgoing(std::size_t connection) = 0;
  virtual void send(std::size_t connection) = 0;
  /// Tells `sink` what happened; waits for something at most `ms` milliseconds.
  virtual void wait(int ms, TransportSink& sink) = 0;
};

/// A TCP socket to connect to `to` with, without Nagle's delay; `flags` are further ones of
/// socket(2). Negative on failure.
int make_socket(const Address& to, int flags);

/// How bytes are moved.
enum class TransportKind : std::uint8_t {
  best,   ///< io_uring where the system has it, else epoll
  epoll,  ///< one system call for each send and each receive
};

/// Nothing if the system gives neither; errno says why.
std::unique_ptr<Transport> make_transport(TransportKind kind, std::size_t connections);

}  // namespace stardrop::app
