// The index of used idempotency keys: digest → operation, for every key of the journal.
//
// Written by the engine's thread. Other threads may look a digest up at any time, so that a late
// buyer is answered at the door without the queue, and a replay still gets its success.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/shared_slot.h"
#include "engine/store.h"
#include "market/caller.h"

namespace stardrop::engine {

/// Open addressing; two words a key. Two keys may share a digest: the journal decides. Made of 256
/// parts that double one at a time, so that nobody waits for the whole to grow.
class KeyIndex {
 public:
  KeyIndex();

  /// 128 bits of SHA-256 over the caller and the key. The first half is never 0.
  static UsedKey digest_of(const market::Caller& caller, std::string_view key);
  /// The first half.
  static std::uint64_t digest(const market::Caller& caller, std::string_view key) {
    return digest_of(caller, key).digest;
  }

  /// Adds a used key. The engine's thread only.
  void add(std::uint64_t digest, OpId op);
  /// Adds many, with room for about as many as are still to come. The engine's thread only.
  void add_all(std::span<const UsedKey> keys, std::size_t to_come);
  /// Whether any key with this digest was used. Any thread.
  bool contains(std::uint64_t digest) const;
  /// The operations that used a key with this digest, oldest first. The engine's thread only.
  std::vector<OpId> find(std::uint64_t digest) const;
  /// Asks the processor to bring the place of `digest` near.
  void touch(std::uint64_t digest) const noexcept;
  void clear();
  std::size_t size() const noexcept { return size_; }

 private:
  /// Zeros until it is taken. Others may read it while it is written: always as atomics.
  struct Cell {
    std::uint64_t digest;
    std::int64_t op;
  };
  struct Cells {
    Cells(std::shared_ptr<Cell> at, std::size_t count) : mask(count - 1), cells(std::move(at)) {}
    std::size_t mask;
    std::shared_ptr<Cell> cells;  // so many
  };
  struct Part {
    SharedSlot<Cells> shared;
    Cells* own = nullptr;  // the same, without the price of sharing
    std::size_t size = 0;
  };
  static constexpr std::size_t kParts = 256;

  static void put(Cells& into, std::uint64_t digest, std::int64_t op) noexcept;
  static std::shared_ptr<Cell> make_cells(std::size_t count);
  static void move_to(Part& part, std::shared_ptr<Cells> larger);
  void make_room(std::size_t keys);
  Part& part_of(std::uint64_t digest) noexcept { return parts_[digest >> 56U]; }
  const Part& part_of(std::uint64_t digest) const noexcept { return parts_[digest >> 56U]; }

  std::array<Part, kParts> parts_;
  std::size_t size_ = 0;
};

}  // namespace stardrop::engine
