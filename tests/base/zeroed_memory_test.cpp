// Memory of zeros, small and large.
#include "base/zeroed_memory.h"

#include <algorithm>
#include <cstdint>

#include <gtest/gtest.h>

namespace stardrop {
namespace {

TEST(ZeroedMemory, IsZeroAndAlignedAtAnySize) {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{100'000}, std::size_t{5} << 20U}) {
    const std::shared_ptr<std::byte> memory = zeroed_memory(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.get()) % alignof(std::max_align_t), 0U);
    EXPECT_TRUE(std::all_of(memory.get(), memory.get() + bytes,
                            [](std::byte each) { return each == std::byte{0}; }));
    std::fill_n(memory.get(), bytes, std::byte{1});  // all of it can be written
  }
}

}  // namespace
}  // namespace stardrop
