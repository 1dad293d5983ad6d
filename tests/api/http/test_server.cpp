// A server on loopback with a small handler to test against.
#include "tests/api/http/test_server.h"

#include <cstdlib>
#include <future>
#include <utility>

#include <gtest/gtest.h>

namespace stardrop::api::http::test {

void RecordingListener::on_open(const LivePtr& channel) {
  const std::lock_guard lock(mutex_);
  opened_.push_back(channel);
  changed_.notify_all();
}

void RecordingListener::on_message(const LivePtr& channel, std::string_view text) {
  channel->send(std::make_shared<const std::string>(text));
  const std::lock_guard lock(mutex_);
  messages_.emplace_back(text);
  changed_.notify_all();
}

void RecordingListener::on_close(const LivePtr&, std::uint16_t code) {
  const std::lock_guard lock(mutex_);
  closed_.push_back(code);
  changed_.notify_all();
}

std::vector<LivePtr> RecordingListener::wait_open(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return opened_.size() >= count; });
  return opened_;
}

std::vector<std::uint16_t> RecordingListener::wait_closed(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_.size() >= count; });
  return closed_;
}

std::vector<std::string> RecordingListener::messages() {
  const std::lock_guard lock(mutex_);
  return messages_;
}

void RecordingListener::forget() {
  const std::lock_guard lock(mutex_);
  opened_.clear();
}

void TestHandler::handle(ExchangePtr exchange) {
  const Request& request = exchange->request();
  const std::size_t number = std::strtoul(std::string(request.query).c_str(), nullptr, 10);
  if (request.path == "/hold") {
    const std::lock_guard lock(mutex_);
    held_.push_back(std::move(exchange));
    changed_.notify_all();
  } else if (request.path == "/drop") {
    exchange.reset();
  } else if (request.path == "/bytes") {
    exchange->reply(200, "text/plain", std::string(number, 'b'));
  } else if (request.path == "/status") {
    exchange->reply(static_cast<unsigned>(number), "text/plain", "");
  } else if (request.path == "/ws") {
    exchange->accept_websocket(listener_);
  } else if (request.path == "/events") {
    exchange->open_events(listener_, 1234);
  } else if (request.path == "/fields") {
    std::string text(request.method_text);
    for (const std::string_view part : {request.target, request.body, request.remote_address}) {
      text.append("\n").append(part);
    }
    const HeaderField extra[] = {{"X-Request-Id", request.request_id()},
                                 {"X-Split", "a\r\nX-Evil: b"}};
    exchange->reply(200, "text/plain", std::move(text), extra);
  } else {
    exchange->reply(200, "application/json", std::string(request.body));
  }
}

void TestHandler::after_reads(IoThread&) {
  const std::lock_guard lock(mutex_);
  ++groups_;
  changed_.notify_all();
}

std::size_t TestHandler::groups() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return groups_ > 0; });
  return groups_;
}

void TestHandler::wait_held(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return held_.size() >= count; });
  EXPECT_EQ(held_.size(), count);
}

std::vector<ExchangePtr> TestHandler::take_held() {
  const std::lock_guard lock(mutex_);
  return std::exchange(held_, {});
}

void TestHandler::release(const std::vector<std::size_t>& order) {
  std::vector<ExchangePtr> held = take_held();
  std::vector<IoThread::Task> tasks;
  for (const std::size_t index : order) {
    tasks.push_back([exchange = held[index]] {
      exchange->reply(200, "text/plain", std::string(exchange->request().body));
    });
  }
  IoThread& thread = held.front()->thread();
  held.clear();
  thread.post_all(std::move(tasks));
}

TestServer::TestServer(const std::function<void(ServerOptions&)>& change) {
  ServerOptions options;
  options.port = 0;
  options.clock = &clock_;
  options.timeouts.sweep_ms = 5;
  options.limits.takes_large_body = [](std::string_view path) { return path == "/large"; };
  if (change) change(options);
  server_ = std::make_unique<Server>(std::move(options), handler_);
  const auto fault = server_->start();
  if (fault) ADD_FAILURE() << *fault;
}

TestServer::~TestServer() {
  server_->stop(std::chrono::milliseconds(0));
  handler_.live().forget();
}

void TestServer::run_there(const std::function<void()>& task) {
  std::promise<void> done;
  server_->thread(0).post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace stardrop::api::http::test
