// A proxy before a server, which can fall silent as a frozen machine or a cut link does.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace stardrop::testing {

/// Listens on a port of the loopback and passes everything on to a server, on a thread of its own.
class TcpProxy {
 public:
  /// What becomes of a connection's bytes.
  enum class Flow : std::uint8_t {
    passed,      ///< as they come
    unanswered,  ///< what the client sends arrives, what the server says is kept
    stopped      ///< nothing arrives anywhere, not even that somebody hung up
  };

  /// Before a Unix socket.
  explicit TcpProxy(std::string server_path);
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;
  ~TcpProxy();

  std::uint16_t port() const noexcept { return port_; }
  /// From now on, of the connections that are open and of those to come.
  void let(Flow of_open, Flow of_new);

 private:
  struct Pair {
    int client;
    int server;
    Flow flow;
  };

  void run();
  void accept_one();

  std::string server_path_;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  Flow of_new_ = Flow::passed;  // guarded by mutex_
  std::list<Pair> pairs_;       // guarded by mutex_
  bool stopping_ = false;       // guarded by mutex_
  std::thread thread_;
};

}  // namespace stardrop::testing
