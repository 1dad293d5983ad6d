// watchers: many live watchers of a drop, each of whom must see its end.
#include "bench/watchers.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/drop_bench/wire.h"
#include "app/engine_bench/meter.h"
#include "base/time.h"
#include "bench/options.h"

namespace stardrop::bench {
namespace {

struct Settings {
  std::string url = "http://127.0.0.1:8080";
  std::int64_t count = 10'000;
  std::int64_t patience_s = 120;
};

constexpr const char* kHelp = R"(Usage: stardrop_bench watchers [option…]
  --url URL           the server (http://127.0.0.1:8080), on a numeric IPv4 address
  --count N           watchers (10000), each on its own connection to GET /v1/events
  --patience N        longest wait for the end, in seconds (120)
Prints `ready` when all watch, then waits for the first edition that sells out, and prints one object.
)";

constexpr std::string_view kReady = "event: ready\n";
constexpr std::string_view kSoldOut = "event: edition.sold_out\n";
constexpr std::string_view kSoldOutAt = "\"sold_out_at\":\"";
constexpr std::string_view kBlockEnd = "\n\n";
/// Connections that are being opened at a time: the server's backlog is finite.
constexpr std::size_t kOpeningMax = 256;

struct Watcher {
  int socket = -1;
  bool ready = false;
  bool ended = false;
  std::string tail;  ///< of a block that has not come whole
};

/// All watchers, on one thread.
class Crowd {
 public:
  explicit Crowd(const Settings& settings) : settings_(settings) {}
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() {
    for (const Watcher& each : watchers_) {
      if (each.socket >= 0) ::close(each.socket);
    }
    if (poll_ >= 0) ::close(poll_);
  }

  /// What is wrong, if something is.
  std::optional<std::string> watch(const app::Endpoint& to);
  void print() const;
  bool all_ended() const { return ended_ == watchers_.size(); }

 private:
  std::optional<std::string> open_some(const app::Endpoint& to);
  std::optional<std::string> wait_once();
  bool take(Watcher& watcher, std::string_view bytes);
  void take_block(Watcher& watcher, std::string_view block);

  const Settings& settings_;
  const SystemClock clock_;
  int poll_ = -1;
  std::vector<Watcher> watchers_;
  std::size_t opened_ = 0;
  std::size_t ready_ = 0;
  std::size_t ended_ = 0;
  std::size_t lost_ = 0;
  std::uint64_t blocks_ = 0;
  std::uint64_t bytes_ = 0;
  std::vector<std::int64_t> delays_us_;
};

std::optional<std::string> Crowd::open_some(const app::Endpoint& to) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(to.port);
  in_addr numeric{};
  unsigned parts[4] = {127, 0, 0, 1};
  if (std::sscanf(to.host.c_str(), "%u.%u.%u.%u", &parts[0], &parts[1], &parts[2], &parts[3]) != 4)
    return to.host + " is no numeric IPv4 address";
  numeric.s_addr = htonl(parts[0] << 24U | parts[1] << 16U | parts[2] << 8U | parts[3]);
  address.sin_addr = numeric;
  const std::string request =
      "GET /v1/events HTTP/1.1\r\n" + to.common + "Accept: text/event-stream\r\n\r\n";
  while (opened_ < watchers_.size() && opened_ - ready_ < kOpeningMax) {
    Watcher& watcher = watchers_[opened_];
    watcher.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (watcher.socket < 0) return "socket: " + std::string(std::strerror(errno));
    const int received_max = 65'536;
    ::setsockopt(watcher.socket, SOL_SOCKET, SO_RCVBUF, &received_max, sizeof received_max);
    sockaddr generic{};
    std::memcpy(&generic, &address, sizeof address);
    if (::connect(watcher.socket, &generic, sizeof address) != 0)
      return "connect: " + std::string(std::strerror(errno));
    if (::send(watcher.socket, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
      return "send: " + std::string(std::strerror(errno));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = opened_;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, watcher.socket, &event);
    ++opened_;
  }
  return std::nullopt;
}

void Crowd::take_block(Watcher& watcher, std::string_view block) {
  ++blocks_;
  if (!watcher.ready) {
    if (block.find(kReady) == std::string_view::npos) return;
    watcher.ready = true;
    ++ready_;
    return;
  }
  if (watcher.ended || block.find(kSoldOut) == std::string_view::npos) return;
  const std::size_t at = block.find(kSoldOutAt);
  if (at == std::string_view::npos) return;
  const std::string_view text = block.substr(at + kSoldOutAt.size());
  const auto sold_out_at = parse_rfc3339(text.substr(0, text.find('"')));
  if (!sold_out_at) return;
  watcher.ended = true;
  ++ended_;
  delays_us_.push_back(clock_.now().us - sold_out_at->us);
}

bool Crowd::take(Watcher& watcher, std::string_view bytes) {
  bytes_ += bytes.size();
  if (!watcher.tail.empty()) {
    watcher.tail += bytes;
    bytes = watcher.tail;
  }
  for (std::size_t end = bytes.find(kBlockEnd); end != std::string_view::npos;
       end = bytes.find(kBlockEnd)) {
    take_block(watcher, bytes.substr(0, end + 1));
    bytes.remove_prefix(end + kBlockEnd.size());
  }
  watcher.tail = std::string(bytes);
  return watcher.tail.size() < 1U << 20U;
}

std::optional<std::string> Crowd::wait_once() {
  std::array<epoll_event, 512> events{};
  std::array<char, 65'536> bytes{};
  const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 100);
  for (int i = 0; i < count; ++i) {
    Watcher& watcher = watchers_[events[static_cast<std::size_t>(i)].data.u64];
    const ssize_t got = ::recv(watcher.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0 || !take(watcher, {bytes.data(), static_cast<std::size_t>(got)})) {
      if (!watcher.ready) return "a watcher was turned away: " + watcher.tail.substr(0, 300);
      ::close(watcher.socket);
      watcher.socket = -1;
      ++lost_;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Crowd::watch(const app::Endpoint& to) {
  poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  watchers_.resize(static_cast<std::size_t>(settings_.count));
  Meter meter;
  meter.begin();
  while (ready_ < watchers_.size()) {
    if (auto wrong = open_some(to)) return wrong;
    if (auto wrong = wait_once()) return wrong;
  }
  meter.end();
  std::printf("ready\n");
  std::fflush(stdout);
  const Instant began = clock_.now();
  while (ended_ + lost_ < watchers_.size() &&
         clock_.now().us - began.us < settings_.patience_s * 1'000'000) {
    if (auto wrong = wait_once()) return wrong;
  }
  std::sort(delays_us_.begin(), delays_us_.end());
  return std::nullopt;
}

void Crowd::print() const {
  const auto at = [&](std::size_t per_mille) -> long long {
    if (delays_us_.empty()) return -1;
    return delays_us_[std::min(delays_us_.size() - 1, delays_us_.size() * per_mille / 1000)];
  };
  std::printf(
      "{\"watchers\":%zu,\"saw_the_end\":%zu,\"lost\":%zu,\"events\":%llu,\"bytes\":%llu,"
      "\"end_p50_us\":%lld,\"end_p99_us\":%lld,\"end_last_us\":%lld,\"cpu_us\":%lld}\n",
      watchers_.size(), ended_, lost_, static_cast<unsigned long long>(blocks_),
      static_cast<unsigned long long>(bytes_), at(500), at(990), at(1000),
      static_cast<long long>(Usage::now().cpu_us));
}

/// Whether the system lets us open so many.
bool raise_descriptor_limit(std::int64_t count) {
  const auto wanted = static_cast<rlim_t>(count) + 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  limit.rlim_cur = std::max(limit.rlim_cur, wanted);
  limit.rlim_max = std::max(limit.rlim_max, wanted);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace

int watchers(std::span<const std::string_view> arguments) {
  Settings settings;
  Options options;
  options.text("--url", settings.url)
      .number("--count", settings.count)
      .number("--patience", settings.patience_s);
  const bool read = options.read(arguments);
  const auto endpoint = app::parse_endpoint(settings.url, {});
  if (!read || !endpoint || settings.count == 0) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  if (!raise_descriptor_limit(settings.count)) {
    std::fprintf(stderr, "the system does not allow so many open connections\n");
    return 1;
  }
  Crowd crowd(settings);
  if (const auto wrong = crowd.watch(*endpoint)) {
    std::fprintf(stderr, "%s\n", wrong->c_str());
    return 1;
  }
  crowd.print();
  return crowd.all_ended() ? 0 : 1;
}

}  // namespace stardrop::bench
