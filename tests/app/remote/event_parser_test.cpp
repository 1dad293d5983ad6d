// Events come out whole however the bytes are cut.
#include "app/remote/event_parser.h"

#include <gtest/gtest.h>

namespace stardrop::app {
namespace {

std::vector<std::string> read(EventParser& parser, std::string_view bytes) {
  std::vector<std::string> out;
  parser.feed(bytes, [&out](const ServerEvent& event) {
    out.push_back(event.type + "|" + event.data);
    return true;
  });
  return out;
}

TEST(EventParser, ReadsWhatTheServerWrites) {
  EventParser parser;
  EXPECT_EQ(read(parser, "retry: 150\n\n:\n\nid: evt_1\nevent: ready\ndata: {}\n\n"),
            (std::vector<std::string>{"ready|{}"}));
  EXPECT_EQ(parser.last_id(), "evt_1");
  EXPECT_EQ(parser.retry_ms(), 150);
}

TEST(EventParser, AnyCutIsTheSame) {
  const std::string text = "id: 7\nevent: a\ndata: x\r\ndata:  y\rdata\n\r\n: note\ndata:z\n\n";
  const std::vector<std::string> expected{"a|x\n y\n", "|z"};
  EventParser whole;
  ASSERT_EQ(read(whole, text), expected);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EventParser parser;
    auto got = read(parser, text.substr(0, cut));
    for (std::string& each : read(parser, text.substr(cut))) got.push_back(std::move(each));
    EXPECT_EQ(got, expected) << cut;
  }
}

TEST(EventParser, AnEventWithoutItsEndDoesNotCount) {
  EventParser parser;
  EXPECT_TRUE(read(parser, "id: 1\ndata: a\n\nid: 2\ndata: b\n").size() == 1);
  EXPECT_EQ(parser.last_id(), "1");
  parser.begin();
  EXPECT_EQ(read(parser, "data: c\n\n"), std::vector<std::string>{"|c"});
  EXPECT_EQ(parser.last_id(), "1") << "the id of the one that was cut off is forgotten";
}

TEST(EventParser, StopsWhenItIsTold) {
  EventParser parser;
  int seen = 0;
  EXPECT_FALSE(parser.feed("data: a\n\ndata: b\n\n", [&seen](const ServerEvent&) {
    ++seen;
    return false;
  }));
  EXPECT_EQ(seen, 1);
}

TEST(EventParser, HostilePausesAreBounded) {
  EventParser parser;
  read(parser, "retry: 99999999999\n\n");
  EXPECT_EQ(parser.retry_ms(), 60'000);
  read(parser, "retry: -5\nretry: 1x\nretry: 999999999999999999999\n\n");
  EXPECT_EQ(parser.retry_ms(), 60'000);
}

}  // namespace
}  // namespace stardrop::app
