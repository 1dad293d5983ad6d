// Randomness with a defined output for a given seed, and the one source of true randomness.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace stardrop {

/// A seeded generator (SplitMix64). The same seed gives the same numbers everywhere, so a journal
/// can be replayed. Not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  /// The next 64 bits.
  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }

  /// A number below `bound` (≥ 1), without modulo bias: rejection sampling.
  std::uint64_t below(std::uint64_t bound) noexcept {
    const std::uint64_t limit = (0 - bound) % bound;  // 2^64 mod bound
    for (;;) {
      const std::uint64_t x = next();
      if (x >= limit) return x % bound;
    }
  }

 private:
  std::uint64_t state_;
};

/// Fills `out` with bytes nobody can predict. Ends the process if the system has none to give.
void entropy(std::span<unsigned char> out);

/// 64 unpredictable bits.
std::uint64_t entropy64();

}  // namespace stardrop
