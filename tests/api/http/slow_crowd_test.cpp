// Thousands of connections that send next to nothing: others are served meanwhile, memory stays
// bounded, and all of them are cut at their deadline.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace stardrop::api::http::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// 500, or 10,000 with STARDROP_LONG; fewer where descriptors are scarce. Both ends are ours.
std::size_t crowd_size() {
  const std::size_t wanted = std::getenv("STARDROP_LONG") != nullptr ? 10'000 : 500;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 100;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));
  }
  return std::min<std::size_t>(wanted, (limit.rlim_cur - 100) / 2);
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t whole = 0;
  std::size_t resident = 0;
  file >> whole >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::string request(std::string_view body) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

/// What each of them sends: nothing, half a head, a head without its body, half a body.
std::string_view part_of_a_request(std::size_t i) {
  constexpr std::string_view kParts[] = {
      "", "POST /echo HT", "POST /echo HTTP/1.1\r\nHost: a\r\nX-Slow: ",
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc"};
  return kParts[i % std::size(kParts)];
}

TEST(SlowCrowd, DelaysNobodyAndCostsLittle) {
  const std::size_t size = crowd_size();
  TestServer server([size](ServerOptions& options) {
    options.connections_max = size + 10;
    options.connections_per_address_max = size + 10;
    options.timeouts.idle_ms = 600'000;
    options.timeouts.request_ms = 600'000;
  });
  RawClient honest(server.port());
  honest.send(request("before"));
  ASSERT_EQ(honest.read_answer().body, "before");
  const std::size_t before = resident_bytes();
  std::vector<std::unique_ptr<RawClient>> crowd;
  for (std::size_t i = 0; i < size; ++i) {
    crowd.push_back(std::make_unique<RawClient>(server.port()));
    ASSERT_TRUE(crowd.back()->send(part_of_a_request(i)));
    if (i % 50 != 0) continue;
    honest.send(request("while"));
    ASSERT_EQ(honest.read_answer().body, "while");
  }
  while (server.stats().connections_open < size + 1) server.run_there([] {});
  honest.send(request("among them"));
  EXPECT_EQ(honest.read_answer().body, "among them");
  RawClient late(server.port());
  late.send(request("late"));
  EXPECT_EQ(late.read_answer().body, "late");
  // Announced bodies cost nothing until they come. A sanitizer's shadow would be counted as well.
  if (!kSanitized) {
    EXPECT_LT(resident_bytes(), before + size * 32'768 + (8U << 20U));
  }
  EXPECT_EQ(server.stats().requests, 3 + (size + 49) / 50);
}

TEST(SlowCrowd, IsCutAtItsDeadline) {
  const std::size_t size = crowd_size() / 5;
  TestServer server([size](ServerOptions& options) {
    options.connections_max = size + 10;
    options.connections_per_address_max = size + 10;
    options.timeouts.idle_ms = 50;
    options.timeouts.request_ms = 50;
  });
  std::vector<std::unique_ptr<RawClient>> crowd;
  for (std::size_t i = 0; i < size; ++i) {
    crowd.push_back(std::make_unique<RawClient>(server.port()));
    static_cast<void>(crowd.back()->send(part_of_a_request(i)));
  }
  for (std::size_t i = 0; i < size; ++i) {
    const std::string answer = crowd[i]->read_to_end();
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 408 ")) << answer;
  }
  while (server.stats().connections_open > 0) server.run_there([] {});
  EXPECT_GT(server.refusals(Door::timeout), 0U);
}

}  // namespace
}  // namespace stardrop::api::http::test
