// A connected socket, plain or under TLS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>

namespace stardrop::api::http {

namespace asio = boost::asio;
using boost::system::error_code;

/// A TCP socket bound to one io_context, without the cost of a type-erased executor.
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using TlsStream = asio::ssl::stream<Socket>;

/// Either of the two, with what Beast's WebSocket needs from the layer below it.
class Stream {
 public:
  using executor_type = Socket::executor_type;

  explicit Stream(Socket socket) : plain_(std::make_unique<Socket>(std::move(socket))) {}
  Stream(Socket socket, asio::ssl::context& context)
      : tls_(std::make_unique<TlsStream>(std::move(socket), context)) {}

  bool is_tls() const { return tls_ != nullptr; }
  Socket& socket() { return tls_ ? tls_->next_layer() : *plain_; }
  TlsStream& tls() { return *tls_; }
  executor_type get_executor() { return socket().get_executor(); }

  template <class Buffers, class Done>
  void async_read_some(const Buffers& buffers, Done&& done) {
    auto counted = [this, done = std::forward<Done>(done)](const error_code& error,
                                                           std::size_t count) mutable {
      if (!error) received_ += count;  // without an error the stream still stands
      std::move(done)(error, count);
    };
    if (tls_) {
      tls_->async_read_some(buffers, std::move(counted));
    } else {
      plain_->async_read_some(buffers, std::move(counted));
    }
  }

  template <class Buffers, class Done>
  void async_write_some(const Buffers& buffers, Done&& done) {
    if (tls_) {
      tls_->async_write_some(buffers, std::forward<Done>(done));
    } else {
      plain_->async_write_some(buffers, std::forward<Done>(done));
    }
  }

  /// Bytes read through async_read_some(), which is all that a WebSocket reads.
  std::uint64_t received() const { return received_; }

  /// Closes at once; what is under way ends with an error.
  void close() {
    error_code ignored;
    socket().close(ignored);
  }

 private:
  std::uint64_t received_ = 0;
  std::unique_ptr<Socket> plain_;
  std::unique_ptr<TlsStream> tls_;
};

/// Found by Beast when a WebSocket gives up on its stream.
inline void beast_close_socket(Stream& stream) { stream.close(); }

/// Found by Beast after the closing handshake of a WebSocket: sends our end of stream.
template <class Done>
void async_teardown(boost::beast::role_type, Stream& stream, Done&& done) {
  error_code ignored;
  stream.socket().shutdown(Socket::shutdown_send, ignored);
  asio::post(stream.get_executor(),
             [done = std::forward<Done>(done)]() mutable { done(error_code{}); });
}

}  // namespace stardrop::api::http
