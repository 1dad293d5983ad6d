// Equations over all rows, checked in memory that does not grow with them.
//
// An audit asks of millions of items whether two tables say the same: is this account's balance the
// sum of its transfers, does each gift have its payment? Each item's difference is weighed with a
// number of its own and added to one of a few sums. If every difference is zero every sum is. If
// one isn't, its sum is off with near certainty, and only then the rows are shown once more, to
// name the items of that sum.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace stardrop::engine {

/// Spreads a number over 64 bits (the finalizer of SplitMix64).
constexpr std::uint64_t mix64(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

/// One number for several, in order. Two lists share one with probability 2⁻⁶⁴.
template <class... Numbers>
constexpr std::uint64_t item_of(Numbers... numbers) noexcept {
  std::uint64_t out = 0x9e3779b97f4a7c15ULL;
  ((out = mix64(out + static_cast<std::uint64_t>(numbers)) * 0xd6e8feb86659fd93ULL), ...);
  return out;
}

/// "For every item, the left side is the right side." Shown all rows once, it knows whether it
/// holds; shown them again after `begin_naming`, it knows for which items it doesn't.
class Equation {
 public:
  /// `left` and `right` say in words what is compared. `salt` makes the weights unpredictable.
  Equation(std::string_view invariant,
           std::string_view left,
           std::string_view right,
           std::uint64_t salt) noexcept
      : invariant_(invariant), left_(left), right_(right), salt_(mix64(salt ^ fold(invariant))) {}

  /// Adds to the item's left side. `subject()` names the item, if it has to be named.
  template <class Subject>
  void left(std::uint64_t item, std::int64_t amount, Subject&& subject) {
    add(item, amount, subject);
  }
  /// Adds to the item's right side.
  template <class Subject>
  void right(std::uint64_t item, std::int64_t amount, Subject&& subject) {
    add(item, -amount, subject);
  }

  /// Whether both sides are equal for every item that was shown.
  bool holds() const noexcept;
  /// From now on the same rows are shown again, to find the items that differ.
  void begin_naming() noexcept { naming_ = true; }
  /// Calls `visit(subject, detail)` for each item that differs, in order of subjects.
  void for_each_difference(
      const std::function<void(const std::string&, const std::string&)>& visit) const;

  std::string_view invariant() const noexcept { return invariant_; }

 private:
  __extension__ using Wide = unsigned __int128;
  /// Enough that a sum that is off leaves one row in a thousand to look at.
  static constexpr unsigned kSumBits = 10;
  /// Most items looked at while naming: beyond it, too much is wrong for a list to help.
  static constexpr std::size_t kNamedMax = 200'000;

  struct Item {
    std::int64_t difference = 0;
    std::string subject;
  };

  static constexpr std::uint64_t fold(std::string_view text) noexcept {
    std::uint64_t out = 0;
    for (const char c : text) out = mix64(out + static_cast<unsigned char>(c) + 1);
    return out;
  }

  template <class Subject>
  void add(std::uint64_t item, std::int64_t amount, Subject&& subject) {
    if (amount == 0) return;
    const std::uint64_t spread = mix64(item ^ salt_);
    Wide& sum = sums_[spread >> (64U - kSumBits)];
    if (!naming_) {
      // Signed amounts wrap into the unsigned ring, where subtraction undoes addition exactly.
      sum += static_cast<Wide>(amount) * (mix64(spread + salt_) | 1U);
      return;
    }
    if (sum == 0) return;
    auto found = named_.find(item);
    if (found == named_.end()) {
      if (named_.size() >= kNamedMax) return;
      found = named_.emplace(item, Item{0, subject()}).first;
    }
    found->second.difference += amount;
  }

  std::string_view invariant_;
  std::string_view left_;
  std::string_view right_;
  std::uint64_t salt_;
  bool naming_ = false;
  std::array<Wide, std::size_t{1} << kSumBits> sums_{};
  std::unordered_map<std::uint64_t, Item> named_;
};

}  // namespace stardrop::engine
