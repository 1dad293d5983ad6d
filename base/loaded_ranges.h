// Which ranges of a table are loaded, and how far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace stardrop {

/// A range is known by the first half of its rows' keys, and loaded from its beginning on.
class LoadedRanges {
 public:
  /// The first `limit` rows are, or the whole range.
  void loaded(std::int64_t first, std::size_t limit, bool whole) {
    ranges_[first] = {limit, whole};
  }
  /// How many rows should be loaded next; 0 if all are.
  std::size_t lacks(std::int64_t first) const {
    const auto found = ranges_.find(first);
    if (found == ranges_.end()) return kFirst;
    return found->second.whole ? 0 : found->second.limit * kGrowth;
  }
  void clear() { ranges_.clear(); }

 private:
  /// Most walks want the first few rows.
  static constexpr std::size_t kFirst = 256;
  static constexpr std::size_t kGrowth = 8;

  struct Range {
    std::size_t limit;
    bool whole;
  };
  std::map<std::int64_t, Range> ranges_;
};

}  // namespace stardrop
