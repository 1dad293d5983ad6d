// Whose word about a client's address counts, and what hostile headers come to.
#include "api/http/trusted_proxies.h"

#include <gtest/gtest.h>

namespace stardrop::api::http {
namespace {

TrustedProxies proxies(const std::vector<std::string_view>& networks) {
  TrustedProxies out;
  for (const std::string_view each : networks) EXPECT_EQ(out.add(each), std::nullopt) << each;
  return out;
}

struct Case {
  std::string_view peer;
  std::vector<std::string_view> lines;
  std::string_view client;
};

void expect_clients(const TrustedProxies& trusted,
                    ProxyHeader header,
                    std::string_view name,
                    const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    Request request;
    request.remote_address = each.peer;
    for (const std::string_view line : each.lines) request.fields.push_back({name, line});
    EXPECT_EQ(trusted.client_of(request, header), each.client)
        << each.peer << " " << (each.lines.empty() ? "" : each.lines.back());
  }
}

TEST(TrustedProxies, TheRightMostStrangerIsTheClient) {
  expect_clients(proxies({"10.0.0.0/8", "2001:db8::/32"}), ProxyHeader::x_forwarded_for,
                 "X-Forwarded-For",
                 {{"10.0.0.1", {"198.51.100.7"}, "198.51.100.7"},
                  {"10.0.0.1", {"1.1.1.1, 198.51.100.7"}, "198.51.100.7"},
                  {"10.0.0.1", {"198.51.100.7, 10.2.2.2, 10.3.3.3"}, "198.51.100.7"},
                  {"10.0.0.1", {"198.51.100.7", "10.2.2.2"}, "198.51.100.7"},
                  {"10.0.0.1", {"10.4.4.4"}, "10.4.4.4"},
                  {"10.0.0.1", {"198.51.100.7:4711"}, "198.51.100.7"},
                  {"10.0.0.1", {"2001:DB9::0001"}, "2001:db9::1"},
                  {"10.0.0.1", {"[2001:db9::1]:443"}, "2001:db9::1"},
                  {"2001:db8::5", {"198.51.100.7"}, "198.51.100.7"},
                  {"::ffff:10.0.0.1", {"198.51.100.7"}, "198.51.100.7"},
                  {"10.0.0.1", {"::ffff:198.51.100.7"}, "198.51.100.7"},
                  {"10.0.0.1", {}, "10.0.0.1"}});
}

TEST(TrustedProxies, AStrangersHeaderIsIgnored) {
  expect_clients(proxies({"10.0.0.0/8"}), ProxyHeader::x_forwarded_for, "X-Forwarded-For",
                 {{"203.0.113.9", {"198.51.100.7"}, "203.0.113.9"},
                  {"11.0.0.1", {"10.0.0.1"}, "11.0.0.1"},
                  {"fe80::1%2", {"10.0.0.1"}, "fe80::1%2"}});
  expect_clients({}, ProxyHeader::x_forwarded_for, "X-Forwarded-For",
                 {{"127.0.0.1", {"198.51.100.7"}, "127.0.0.1"}});
}

TEST(TrustedProxies, WhatIsNoAddressEndsTheReading) {
  for (const std::string_view garbage : {"unknown",        "_hidden",        "",
                                         "localhost",      "198.51.100",     "198.51.100.256",
                                         "0198.51.100.7",  "0x7f.1",         "2130706433",
                                         "198.51.100.7:",  "198.51.100.7:x", "198.51.100.7:123456",
                                         "[::1",           "[198.51.100.7]", "[::1]x",
                                         "::1%eth0",       "fe80::1%1",      "\"198.51.100.7\"",
                                         "198.51.100.7/8", "2001:db8:::1",   "1:2:3:4:5:6:7:8:9"}) {
    const std::string spoofed = "1.1.1.1, " + std::string(garbage);
    expect_clients(proxies({"10.0.0.0/8"}), ProxyHeader::x_forwarded_for, "X-Forwarded-For",
                   {{"10.0.0.1", {garbage}, "10.0.0.1"},
                    {"10.0.0.1", {spoofed}, "10.0.0.1"},
                    {"10.0.0.1", {spoofed, "10.2.2.2"}, "10.2.2.2"}});
  }
}

TEST(TrustedProxies, OnlyTheLastHopsAreRead) {
  std::string chain = "198.51.100.7";
  for (std::size_t i = 0; i < TrustedProxies::kHopsMax; ++i) chain += ", 10.0.0.2";
  const std::string longer = chain + ", 10.0.0.3";
  expect_clients(proxies({"10.0.0.0/8"}), ProxyHeader::x_forwarded_for, "x-forwarded-for",
                 {{"10.0.0.1", {longer}, "10.0.0.2"}});
}

TEST(TrustedProxies, TheStandardHeaderIsRead) {
  expect_clients(proxies({"10.0.0.0/8"}), ProxyHeader::forwarded, "Forwarded",
                 {{"10.0.0.1", {"for=198.51.100.7"}, "198.51.100.7"},
                  {"10.0.0.1", {"For=198.51.100.7;proto=https;by=10.0.0.1"}, "198.51.100.7"},
                  {"10.0.0.1", {R"(proto=http; for="198.51.100.7:80")"}, "198.51.100.7"},
                  {"10.0.0.1", {R"(for="[2001:db9::17]:_obf")"}, "2001:db9::17"},
                  {"10.0.0.1", {R"(for=1.1.1.1, for=198.51.100.7, for=10.0.0.9)"}, "198.51.100.7"},
                  {"10.0.0.1", {R"(for=1.1.1.1;host="a,b", for=10.0.0.9)"}, "1.1.1.1"},
                  {"10.0.0.1", {"for=1.1.1.1, by=10.0.0.1"}, "10.0.0.1"},
                  {"10.0.0.1", {"for=1.1.1.1;for=2.2.2.2"}, "10.0.0.1"},
                  {"10.0.0.1", {"for"}, "10.0.0.1"},
                  {"10.0.0.1", {R"(for="1.1.1.1)"}, "10.0.0.1"},
                  {"10.0.0.1", {"for=2001:db9::17"}, "10.0.0.1"},
                  {"10.0.0.1", {"for=unknown"}, "10.0.0.1"}});
}

TEST(TrustedProxies, OnlyTheHeaderThatWasChosenCounts) {
  const TrustedProxies trusted = proxies({"10.0.0.0/8"});
  expect_clients(trusted, ProxyHeader::forwarded, "X-Forwarded-For",
                 {{"10.0.0.1", {"198.51.100.7"}, "10.0.0.1"}});
  expect_clients(trusted, ProxyHeader::x_forwarded_for, "Forwarded",
                 {{"10.0.0.1", {"for=198.51.100.7"}, "10.0.0.1"}});
}

TEST(TrustedProxies, NetworksHaveTheirEdges) {
  const TrustedProxies trusted =
      proxies({"192.0.2.128/25", "203.0.113.5", "2001:db8:8000::/33", "::1"});
  for (const std::string_view in : {"192.0.2.128", "192.0.2.255", "203.0.113.5", "2001:db8:8000::",
                                    "2001:db8:ffff::1", "::1", "::ffff:203.0.113.5"}) {
    EXPECT_TRUE(trusted.contains(in)) << in;
  }
  for (const std::string_view out : {"192.0.2.127", "192.0.3.0", "203.0.113.4", "203.0.113.6",
                                     "2001:db8:7fff::1", "::2", "::", "nonsense", ""}) {
    EXPECT_FALSE(trusted.contains(out)) << out;
  }
}

TEST(TrustedProxies, UnsoundNetworksAreRefusedInWords) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"", "not an address"},
      {"proxy.example", "not an address"},
      {"10.0.0.0/", "prefix length"},
      {"10.0.0.0/33", "prefix length"},
      {"10.0.0.0/-1", "prefix length"},
      {"10.0.0.0/8x", "prefix length"},
      {"10.0.0.0/008 ", "prefix length"},
      {"2001:db8::/129", "prefix length"},
      {"10.1.2.3/8", "did you mean 10.0.0.0/8?"},
      {"2001:db8::1/32", "did you mean 2001:db8::/32?"},
      {"0.0.0.0/0", "everybody"},
      {"::/0", "everybody"},
      {"::ffff:10.0.0.1", "IPv4"},
      {"10.0.0.1:80", "not an address"}};
  for (const auto& [network, words] : cases) {
    TrustedProxies trusted;
    const auto problem = trusted.add(network);
    ASSERT_TRUE(problem.has_value()) << network;
    EXPECT_NE(problem->find(words), std::string::npos) << *problem;
    EXPECT_TRUE(trusted.empty());
  }
}

TEST(TrustedProxies, AnIpv6ClientIsLimitedByItsNetwork) {
  EXPECT_EQ(limited_network("198.51.100.7"), "198.51.100.7");
  EXPECT_EQ(limited_network("::ffff:198.51.100.7"), "198.51.100.7");
  EXPECT_EQ(limited_network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(limited_network("fe80::1%2"), "fe80::/64");
  EXPECT_EQ(limited_network("?"), "?");
}

}  // namespace
}  // namespace stardrop::api::http
