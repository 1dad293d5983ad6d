// Dropping loaded rows: only clean ones, and never at the price of looking at all.
#include <tuple>

#include <gtest/gtest.h>

#include "base/table.h"

namespace stardrop {
namespace {

struct Thing {
  using Key = std::int64_t;
  static constexpr std::string_view kTable = "things";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;
  std::int64_t id = 0;
  std::int64_t key() const { return id; }
  static constexpr auto fields() { return std::tuple(field("id", &Thing::id, "Its id.")); }
};

Table<Thing> things(std::int64_t count) {
  Table<Thing> out;
  for (std::int64_t i = 1; i <= count; ++i) out.load(i, Thing{i});
  return out;
}

TEST(Eviction, DropsAsManyAsAskedTheLongestLoadedFirst) {
  Table<Thing> table = things(100);
  EXPECT_EQ(table.evict(10), 10U);
  EXPECT_EQ(table.size(), 90U);
  EXPECT_EQ(table.known(10), Table<Thing>::Known::no);
  EXPECT_EQ(table.known(11), Table<Thing>::Known::present);
}

TEST(Eviction, SparesOnceWhatWasWantedLately) {
  Table<Thing> table = things(10);
  auto known = Table<Thing>::Known::no;
  EXPECT_NE(table.want(1, 1, known), nullptr);
  EXPECT_EQ(table.evict(9), 9U);
  EXPECT_NE(table.peek(1), nullptr) << "the longest loaded, but somebody wanted it";
  EXPECT_EQ(table.evict(9), 1U) << "nobody wanted it since";
  EXPECT_EQ(table.peek(1), nullptr);
}

TEST(Eviction, KeepsDirtyRows) {
  Table<Thing> table = things(100);
  for (std::int64_t i = 1; i <= 50; ++i) EXPECT_TRUE(table.mark_dirty(i));
  EXPECT_EQ(table.evict(100), 50U);
  for (std::int64_t i = 1; i <= 50; ++i) EXPECT_NE(table.peek(i), nullptr);
  table.mark_clean(7);
  EXPECT_EQ(table.evict(100), 1U);
  EXPECT_EQ(table.peek(7), nullptr);
}

TEST(Eviction, LooksAtABoundedNumberOfRows) {
  Table<Thing> table = things(1000);
  for (std::int64_t i = 1; i <= 900; ++i) table.mark_dirty(i);
  // Four hundred are looked at each time: the clean ones come within reach with the third call.
  EXPECT_EQ(table.evict(100), 0U);
  EXPECT_EQ(table.evict(100), 0U);
  EXPECT_EQ(table.evict(100), 100U);
}

}  // namespace
}  // namespace stardrop
