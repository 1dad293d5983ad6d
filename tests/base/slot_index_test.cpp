// SlotIndex against a map that is known to be right.
#include "base/slot_index.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace stardrop {
namespace {

/// Slots and what they stand for; hashes are bad on purpose, so that cells collide.
struct Model {
  SlotIndex index;
  std::vector<std::uint64_t> hashes;  // by slot
  std::map<std::uint32_t, std::uint64_t> present;

  std::uint32_t find(std::uint32_t slot) const {
    return index.find(hashes[slot], [slot](std::uint32_t at) { return at == slot; });
  }
};

void run(std::uint64_t seed, std::uint64_t parts, std::uint64_t tags) {
  Random random(seed);
  Model model;
  for (std::uint32_t slot = 0; slot < 2000; ++slot) {
    model.hashes.push_back((random.below(parts) << 58U) | random.below(tags));
  }
  for (int step = 0; step < 20'000; ++step) {
    const auto slot = static_cast<std::uint32_t>(random.below(model.hashes.size()));
    if (model.present.contains(slot)) {
      ASSERT_EQ(model.find(slot), slot);
      model.index.erase(model.hashes[slot], slot);
      model.present.erase(slot);
    } else {
      ASSERT_EQ(model.find(slot), SlotIndex::kNone);
      model.index.add(model.hashes[slot], slot);
      model.present.emplace(slot, model.hashes[slot]);
    }
    ASSERT_EQ(model.index.size(), model.present.size());
  }
  std::map<std::uint32_t, std::uint64_t> seen;
  model.index.for_each([&](std::uint32_t slot) { seen.emplace(slot, model.hashes[slot]); });
  EXPECT_EQ(seen, model.present);
  for (const auto& [slot, hash] : model.present) EXPECT_EQ(model.find(slot), slot);
}

TEST(SlotIndex, FindsWhatWasAddedAndNothingElse) {
  run(1, 64, 1ULL << 32U);  // well spread
  run(2, 1, 64);            // one part, long rows of the same tags
  run(3, 3, 1);             // every cell of a part in one row
}

TEST(SlotIndex, AnEmptyOneFindsNothing) {
  const SlotIndex index;
  EXPECT_EQ(index.find(7, [](std::uint32_t) { return true; }), SlotIndex::kNone);
}

}  // namespace
}  // namespace stardrop
