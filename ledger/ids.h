// Ids made while a command runs: ordered, and the same when the journal is replayed.
#pragma once

#include "base/check.h"
#include "base/id.h"

namespace stardrop::ledger {

/// An id is, from the top: 41 bits of milliseconds since 2024, 15 bits of count, 7 bits of node. An
/// operation takes the first free number of its millisecond; what it creates takes the next. The
/// node stands last, so that a node can always go on right behind the ids of another.
inline constexpr int kCountBits = 15;
inline constexpr int kNodeBits = 7;
inline constexpr std::int64_t kIdStep = std::int64_t{1} << kNodeBits;
/// 2024-01-01T00:00:00Z in milliseconds since 1970.
inline constexpr std::int64_t kEpochMs = 1'704'067'200'000;
/// Most objects one operation creates: a catalogue of 10,000 editions, and room.
inline constexpr std::int64_t kObjectsMax = 10'240;

/// Gives out the ids of one operation.
class IdSource {
 public:
  explicit IdSource(OpId op) noexcept
      : last_(op.value()), limit_(op.value() + kObjectsMax * kIdStep) {}

  template <class Kind>
  Kind next() {
    STARDROP_ASSERT(last_ < limit_, "an operation creates a bounded number of objects");
    last_ += kIdStep;
    return Kind(last_);
  }
  /// The last number taken.
  std::int64_t last() const noexcept { return last_; }

 private:
  std::int64_t last_;
  std::int64_t limit_;
};

/// The node that made the thing with this id.
template <class Kind>
constexpr std::int64_t node_of(Kind id) noexcept {
  return id.value() & (kIdStep - 1);
}

/// When the thing with this id was made, to the millisecond.
template <class Kind>
constexpr std::int64_t made_ms(Kind id) noexcept {
  return (id.value() >> (kCountBits + kNodeBits)) + kEpochMs;
}

}  // namespace stardrop::ledger
