// The index of used keys: every key is found, at any size, however it came in.
#include "engine/key_index.h"

#include <vector>

#include <gtest/gtest.h>

namespace stardrop::engine {
namespace {

/// Digests that are spread over all parts, as those of SHA-256 are.
std::uint64_t digest_of(std::uint64_t n) { return (n * 0x9e3779b97f4a7c15ULL) | 1U; }

void expect_all(const KeyIndex& index, std::uint64_t count) {
  EXPECT_EQ(index.size(), count);
  for (std::uint64_t n = 1; n <= count; ++n) {
    ASSERT_TRUE(index.contains(digest_of(n)));
    ASSERT_EQ(index.find(digest_of(n)), std::vector<OpId>{OpId(static_cast<std::int64_t>(n))});
  }
  EXPECT_FALSE(index.contains(digest_of(count + 1)));
  EXPECT_TRUE(index.find(digest_of(count + 1)).empty());
}

TEST(KeyIndex, FindsKeysAddedOneByOne) {
  KeyIndex index;
  for (std::uint64_t n = 1; n <= 20'000; ++n) {
    index.add(digest_of(n), OpId(static_cast<std::int64_t>(n)));
  }
  expect_all(index, 20'000);
  index.clear();
  expect_all(index, 0);
}

TEST(KeyIndex, FindsKeysAddedByTheChunk) {
  KeyIndex index;
  std::vector<UsedKey> chunk;
  for (std::uint64_t n = 1; n <= 20'000; ++n) {
    chunk.push_back({digest_of(n), OpId(static_cast<std::int64_t>(n))});
    if (chunk.size() < 700 && n < 20'000) continue;
    // What is said to come is a guess: too much at first, then too little.
    index.add_all(chunk, n < 10'000 ? 50'000 : 0);
    chunk.clear();
  }
  expect_all(index, 20'000);
}

TEST(KeyIndex, KeepsTwoKeysOfTheSameDigest) {
  KeyIndex index;
  index.add(7, OpId(1));
  index.add(7, OpId(2));
  EXPECT_EQ(index.find(7), (std::vector<OpId>{OpId(1), OpId(2)}));
}

}  // namespace
}  // namespace stardrop::engine
