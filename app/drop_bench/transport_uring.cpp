// The cheap transport: io_uring. One system call hands over all sends and takes all that was
// received; receives stay armed and fill buffers that are given back
// (docs/decisions/0040-load-client-io-uring.md).
#include "app/drop_bench/transport_uring.h"

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include <unistd.h>

#include "app/drop_bench/ring.h"

namespace stardrop::app {

namespace {

constexpr unsigned kRequests = 4096;
constexpr unsigned kCompletions = 32'768;
constexpr unsigned kBuffers = 2048;
constexpr unsigned kBufferSize = 16 * 1024;

/// What a completion belongs to, in the lowest bits of its user data. A send's is the address of
/// its Sending; the others' hold the connection and its life, which tells a late completion of a
/// closed connection from one of its successor.
enum class Of : std::uint64_t { send = 0, receive = 1, connect = 2 };
constexpr std::uint64_t kOfMask = 3;
constexpr unsigned kConnectionShift = 32;

/// A send under way. It outlives its connection until the system has let go of the bytes.
struct Sending {
  std::size_t connection = 0;
  std::uint32_t life = 0;
  std::size_t at = 0;
  std::string bytes;
};

class UringTransport final : public Transport {
 public:
  UringTransport(std::unique_ptr<Ring> ring, std::size_t connections)
      : ring_(std::move(ring)), connections_(connections) {}
  ~UringTransport() override {
    for (const Connection& each : connections_) {
      if (each.socket >= 0) ::close(each.socket);
    }
    ring_.reset();
  }
  UringTransport(const UringTransport&) = delete;
  UringTransport& operator=(const UringTransport&) = delete;

  void open(std::size_t connection, const Address& to) override;
  void close(std::size_t connection) override;
  std::string& outgoing(std::size_t connection) override { return connections_[connection].out; }
  void send(std::size_t connection) override;
  void wait(int ms, TransportSink& sink) override;

 private:
  struct Connection {
    int socket = -1;
    std::uint32_t life = 0;
    bool in_use = false;
    bool connected = false;
    bool sending = false;
    Address to;
    std::string out;
  };

  io_uring_sqe& request(std::size_t index, Of of);
  void receive(std::size_t index);
  void hand_over(Sending* sending);
  void sent(Sending* sending, int result);
  void take(const Completion& done, TransportSink& sink);
  void received(std::size_t index, const Completion& done, TransportSink& sink);
  void tell_broken(TransportSink& sink);

  std::unique_ptr<Ring> ring_;
  std::vector<Connection> connections_;
  std::vector<std::size_t> broken_;
  std::vector<std::unique_ptr<Sending>> sendings_;
  std::vector<Sending*> spare_;  // those that are not under way
};

io_uring_sqe& UringTransport::request(std::size_t index, Of of) {
  io_uring_sqe& entry = ring_->request();
  entry.fd = connections_[index].socket;
  entry.user_data = static_cast<std::uint64_t>(index) << kConnectionShift |
                    std::uint64_t{connections_[index].life} << 2U | static_cast<std::uint64_t>(of);
  return entry;
}

void UringTransport::open(std::size_t index, const Address& to) {
  Connection& connection = connections_[index];
  connection.in_use = true;
  connection.to = to;
  connection.socket = make_socket(to, 0);
  if (connection.socket < 0) return broken_.push_back(index);
  io_uring_sqe& entry = request(index, Of::connect);
  entry.opcode = IORING_OP_CONNECT;
  entry.addr = reinterpret_cast<std::uintptr_t>(&connection.to.storage);
  entry.off = to.size;
}

void UringTransport::close(std::size_t index) {
  Connection& connection = connections_[index];
  if (connection.socket >= 0) {
    // What is armed holds on to the socket: it ends only if the connection does.
    ::shutdown(connection.socket, SHUT_RDWR);
    ::close(connection.socket);
  }
  connection.socket = -1;
  connection.in_use = connection.connected = connection.sending = false;
  connection.life = (connection.life + 1) & 0x0FFF'FFFFU;
  connection.out.clear();
}

void UringTransport::receive(std::size_t index) {
  io_uring_sqe& entry = request(index, Of::receive);
  entry.opcode = IORING_OP_RECV;
  entry.flags = IOSQE_BUFFER_SELECT;
  entry.ioprio = IORING_RECV_MULTISHOT;
  entry.buf_group = 0;
}

void UringTransport::hand_over(Sending* sending) {
  io_uring_sqe& entry = ring_->request();
  entry.opcode = IORING_OP_SEND;
  entry.fd = connections_[sending->connection].socket;
  entry.addr = reinterpret_cast<std::uintptr_t>(sending->bytes.data() + sending->at);
  entry.len = static_cast<std::uint32_t>(sending->bytes.size() - sending->at);
  entry.msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
  entry.user_data = reinterpret_cast<std::uintptr_t>(sending);
}

void UringTransport::send(std::size_t index) {
  Connection& connection = connections_[index];
  if (connection.sending || connection.out.empty()) return;
  if (spare_.empty()) spare_.push_back(sendings_.emplace_back(std::make_unique<Sending>()).get());
  Sending* const sending = spare_.back();
  spare_.pop_back();
  sending->connection = index;
  sending->life = connection.life;
  sending->at = 0;
  sending->bytes.clear();
  sending->bytes.swap(connection.out);
  connection.sending = true;
  hand_over(sending);
}

void UringTransport::sent(Sending* sending, int result) {
  const std::size_t index = sending->connection;
  Connection& connection = connections_[index];
  const bool current = connection.in_use && connection.life == sending->life;
  if (current && result > 0) {
    sending->at += static_cast<std::size_t>(result);
    if (sending->at < sending->bytes.size()) return hand_over(sending);
  }
  spare_.push_back(sending);
  if (!current) return;
  connection.sending = false;
  if (result <= 0) return broken_.push_back(index);
  send(index);
}

void UringTransport::received(std::size_t index, const Completion& done, TransportSink& sink) {
  if (done.result > 0) {
    const unsigned buffer = done.flags >> IORING_CQE_BUFFER_SHIFT;
    sink.received(index, {ring_->buffer(buffer), static_cast<std::size_t>(done.result)});
    ring_->recycle(buffer);
  } else if (done.result != -ENOBUFS && done.result != -EINTR) {
    return broken_.push_back(index);
  }
  // It disarms itself when it finds no buffer.
  if ((done.flags & IORING_CQE_F_MORE) == 0 && connections_[index].connected) receive(index);
}

void UringTransport::take(const Completion& done, TransportSink& sink) {
  const auto of = static_cast<Of>(done.user_data & kOfMask);
  if (of == Of::send) return sent(reinterpret_cast<Sending*>(done.user_data), done.result);
  const auto index = static_cast<std::size_t>(done.user_data >> kConnectionShift);
  const auto life = static_cast<std::uint32_t>(done.user_data) >> 2U;
  Connection& connection = connections_[index];
  if (!connection.in_use || connection.life != life) {
    if (done.result > 0 && of == Of::receive) ring_->recycle(done.flags >> IORING_CQE_BUFFER_SHIFT);
    return;
  }
  if (of == Of::receive) return received(index, done, sink);
  if (done.result < 0) return broken_.push_back(index);
  connection.connected = true;
  receive(index);
  sink.opened(index);
}

void UringTransport::tell_broken(TransportSink& sink) {
  while (!broken_.empty()) {
    const std::size_t index = broken_.back();
    broken_.pop_back();
    if (!connections_[index].in_use) continue;
    close(index);
    sink.closed(index);
  }
}

void UringTransport::wait(int ms, TransportSink& sink) {
  tell_broken(sink);
  ring_->enter(ms);
  while (const auto done = ring_->next()) take(*done, sink);
  tell_broken(sink);
}

}  // namespace

std::unique_ptr<Transport> make_uring_transport(std::size_t connections) {
  auto ring = Ring::make(kRequests, kCompletions);
  if (!ring || !ring->give_buffers(kBuffers, kBufferSize)) return nullptr;
  return std::make_unique<UringTransport>(std::move(ring), connections);
}

}  // namespace stardrop::app
