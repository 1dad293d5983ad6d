// A shop in memory behind a socket, honest or not, to try the load client on.
#include "tests/app/drop_bench/fake_shop.h"

#include <array>
#include <charconv>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/drop_bench/wire.h"

namespace stardrop::app::test {

namespace {

std::string problem(std::string_view code) {
  return "{\"code\":\"" + std::string(code) + "\",\"detail\":\"No.\"}";
}

std::string header(std::string_view head, std::string_view name) {
  const std::size_t at = head.find(name);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + name.size();
  return std::string(head.substr(from, head.find("\r\n", from) - from));
}

}  // namespace

FakeShop::FakeShop(ShopFaults faults) : faults_(faults) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listener_, 1024), 0);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener_;
  ::epoll_ctl(poll_, EPOLL_CTL_ADD, listener_, &event);
  thread_ = std::thread([this] { loop(); });
}

FakeShop::~FakeShop() {
  stopping_ = true;
  thread_.join();
  for (const auto& [socket, client] : clients_) ::close(socket);
  ::close(listener_);
  ::close(poll_);
}

void FakeShop::loop() {
  std::array<epoll_event, 256> events{};
  while (!stopping_) {
    const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 20);
    for (int i = 0; i < count; ++i) {
      const int socket = events[static_cast<std::size_t>(i)].data.fd;
      if (socket == listener_) {
        const int accepted = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int on = 1;
        ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = accepted;
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, accepted, &event);
        clients_[accepted];
      } else if (!serve(socket, clients_[socket])) {
        ::close(socket);
        clients_.erase(socket);
      }
    }
  }
}

bool FakeShop::serve(int socket, Client& client) {
  std::array<char, 65536> bytes{};
  const ssize_t got = ::recv(socket, bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  client.in.append(bytes.data(), static_cast<std::size_t>(got));
  std::size_t at = 0;
  for (;;) {
    const std::string_view rest = std::string_view(client.in).substr(at);
    const std::size_t end = rest.find("\r\n\r\n");
    if (end == std::string_view::npos) break;
    const std::string_view head = rest.substr(0, end + 2);
    const std::string length = header(head, "Content-Length: ");
    const std::size_t size = length.empty() ? 0 : std::stoul(length);
    if (rest.size() < end + 4 + size) break;
    handle(client, head, rest.substr(end + 4, size));
    if (client.cut) return false;
    at += end + 4 + size;
  }
  client.in.erase(0, at);
  const bool sent = ::send(socket, client.out.data(), client.out.size(), MSG_NOSIGNAL) ==
                    static_cast<ssize_t>(client.out.size());
  client.out.clear();
  return sent;
}

void FakeShop::handle(Client& client, std::string_view head, std::string_view body) {
  const std::string_view path =
      head.substr(head.find(' ') + 1, head.find(' ', head.find(' ') + 1) - head.find(' ') - 1);
  Result result;
  if (head.starts_with("GET ")) {
    result = get(path);
  } else if (path == "/v1/gifts") {
    result = run("send_gift", header(head, "Idempotency-Key: "), body);
  } else {
    result.body = "{\"object\":\"list\",\"data\":[";
    std::string_view rest = body;
    for (std::size_t at = rest.find("{\"command\":"); at != std::string_view::npos;
         at = rest.find("{\"command\":", 1)) {
      rest.remove_prefix(at);
      const Result each = run(text_member(rest, "command"), text_member(rest, "idempotency_key"),
                              rest.substr(rest.find("\"params\":")));
      if (result.body.back() != '[') result.body += ',';
      result.body += "{\"status\":" + std::to_string(each.status) +
                     ",\"replayed\":" + (each.replayed ? "true" : "false") +
                     ",\"body\":" + each.body + "}";
    }
    result.body += "]}";
  }
  client.cut = cut_next_;
  cut_next_ = false;
  client.out += "HTTP/1.1 " + std::to_string(result.status) +
                " X\r\nContent-Length: " + std::to_string(result.body.size()) + "\r\n" +
                (result.replayed ? "Idempotency-Replayed: true\r\n" : "") + "\r\n" + result.body;
}

FakeShop::Result FakeShop::run(std::string_view command,
                               std::string_view key,
                               std::string_view params) {
  const std::string name(key);
  if (const auto known = answers_.find(name); known != answers_.end() && !faults_.forgets_keys) {
    Result again = known->second;
    again.replayed = true;
    if (faults_.replay_differs) again.body.insert(1, " ");
    return again;
  }
  Result result;
  result.status = 201;
  if (command == "create_edition") {
    const std::string id = "edn_" + std::to_string(++next_id_);
    editions_[id].supply = number_member(params, "supply").value_or(0);
    editions_[id].per_account = number_member(params, "per_account").value_or(0);
    result.body = "{\"id\":\"" + id + "\"}";
  } else if (command == "create_account") {
    result.body = "{\"id\":\"acc_" + std::to_string(++next_id_) + "\"}";
  } else if (command == "top_up") {
    stars_[std::string(text_member(params, "account"))] +=
        number_member(params, "stars").value_or(0);
    result.body = "{\"id\":\"top_" + std::to_string(++next_id_) + "\"}";
  } else {
    result = buy(params);
  }
  if (result.status == 201) answers_[name] = result;
  if (command != "send_gift" || result.status != 201) return result;
  ++purchases_;
  if (faults_.cut_each > 0 && purchases_ % faults_.cut_each == 0) cut_next_ = true;
  if (faults_.unavailable_each > 0 && purchases_ % faults_.unavailable_each == 0)
    return {503, false, problem("outcome_unknown")};
  return result;
}

FakeShop::Result FakeShop::buy(std::string_view params) {
  const auto found = editions_.find(text_member(params, "edition"));
  if (found == editions_.end()) return {404, false, problem("edition_not_found")};
  Edition& edition = found->second;
  const std::string buyer(text_member(params, "from"));
  std::int64_t& bought = edition.bought[buyer];
  const std::int64_t price = number_member(params, "max_price").value_or(0);
  if (edition.sold >= edition.supply + faults_.oversell) return {409, false, problem("sold_out")};
  if (bought >= edition.per_account && !faults_.ignores_caps)
    return {409, false, problem("account_limit_reached")};
  if (stars_[buyer] < price) return {402, false, problem("insufficient_funds")};
  stars_[buyer] -= price;
  ++bought;
  ++edition.sold;
  const std::int64_t serial = faults_.serial_twice && edition.sold == 2 ? 1 : edition.sold;
  const std::string id = "gft_" + std::to_string(++next_id_);
  std::string body = "{\"id\":\"" + id + "\",\"edition\":\"" + found->first + "\",\"owner\":\"" +
                     buyer + "\",\"serial\":" + std::to_string(serial) + "}";
  gifts_[id] = body;
  return {201, false, std::move(body)};
}

FakeShop::Result FakeShop::get(std::string_view path) {
  if (path == "/v1/audit") {
    return {200, false,
            faults_.audit_fails ? "{\"ok\":false,\"violations\":[{}]}"
                                : "{\"ok\":true,\"violations\":[]}"};
  }
  const std::string id(path.substr(path.rfind('/') + 1));
  if (path.starts_with("/v1/gifts/")) {
    const auto gift = gifts_.find(id);
    return gift == gifts_.end() ? Result{404, false, problem("gift_not_found")}
                                : Result{200, false, gift->second};
  }
  const auto edition = editions_.find(id);
  if (edition == editions_.end()) return {404, false, problem("not_found")};
  return {200, false,
          "{\"id\":\"" + id + "\",\"sold\":" + std::to_string(edition->second.sold) + "}"};
}

}  // namespace stardrop::app::test
