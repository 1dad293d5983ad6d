// What a watcher of a drop is shown.
#include "app/remote/drop_view.h"

#include <gtest/gtest.h>

namespace stardrop::app {
namespace {

ServerEvent supply(int second, std::int64_t sold, std::int64_t left, bool sold_out = false) {
  const std::string at =
      "2024-10-05T12:00:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + "Z";
  return {"edition.supply", R"({"id":"evt_1","type":"edition.supply","created":")" + at +
                                R"(","data":{"supply":1000,"sold":)" + std::to_string(sold) +
                                ",\"left\":" + std::to_string(left) +
                                ",\"sold_out\":" + (sold_out ? "true" : "false") + "}}"};
}

TEST(DropView, FollowsWhatIsLeft) {
  DropView view;
  EXPECT_FALSE(view.take({"ready", "{}"}));
  EXPECT_TRUE(view.take(supply(0, 10, 980)));
  EXPECT_EQ(view.sold(), 10);
  EXPECT_EQ(view.left(), 980);
  EXPECT_EQ(view.supply(), 1000);
  EXPECT_FALSE(view.take(supply(1, 10, 980))) << "nothing new";
  EXPECT_TRUE(view.take(supply(2, 10, 990))) << "a reservation came back";
  EXPECT_FALSE(view.over());
}

TEST(DropView, TheRateIsThatOfTheLastSeconds) {
  DropView view;
  view.take(supply(0, 0, 1000));
  EXPECT_EQ(view.rate(), 0);
  view.take(supply(2, 100, 900));
  EXPECT_EQ(view.rate(), 50);
  view.take(supply(20, 100, 900));
  EXPECT_EQ(view.rate(), 0);
  view.take(supply(25, 200, 800));
  EXPECT_EQ(view.rate(), 20);
  view.take(supply(26, 150, 850));
  EXPECT_EQ(view.rate(), 8) << "refunds slow it down";
}

TEST(DropView, EndsWithTheLastGift) {
  DropView by_state;
  EXPECT_TRUE(by_state.take(supply(1, 1000, 0, true)));
  EXPECT_TRUE(by_state.over());
  DropView by_event;
  by_event.take(supply(0, 999, 1));
  EXPECT_TRUE(by_event.take(
      {"edition.sold_out", R"({"created":"2024-10-05T12:00:01Z","data":{"supply":1000}})"}));
  EXPECT_TRUE(by_event.over());
  EXPECT_EQ(by_event.sold(), 1000);
  EXPECT_EQ(by_event.left(), 0);
}

TEST(DropView, NonsenseChangesNothing) {
  DropView view;
  view.take(supply(0, 10, 990));
  for (const std::string data : {"", "{", "[]", "{}", R"({"data":1})", R"({"data":[]})"}) {
    EXPECT_FALSE(view.take({"edition.supply", data})) << data;
  }
  EXPECT_FALSE(view.take(
      {"edition.supply", R"({"created":5,"data":{"sold":"x","left":990,"supply":1000}})"}));
  EXPECT_EQ(view.sold(), 10);
  EXPECT_FALSE(view.over());
}

}  // namespace
}  // namespace stardrop::app
