// SlotIndex: finds the number of a slot by hash, in parts that grow one at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace stardrop {

/// Open addressing over 64 parts, chosen by the highest bits of the hash. A part that is full
/// doubles alone, from its own cells, so that no insertion waits for the whole. The keys stand in
/// the slots: `same(slot)` says whether one is looked for. At most 2^32 − 1 slots, and as many in
/// a part as 32 bits of hash tell apart. One thread at a time.
class SlotIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffffU;

  /// The slot with this hash that is the `same`; `kNone` if there is none.
  template <class Same>
  std::uint32_t find(std::uint64_t hash, Same&& same) const {
    const Part& part = parts_[hash >> kPartShift];
    if (part.count == 0) return kNone;
    const auto tag = static_cast<std::uint32_t>(hash);
    for (std::uint32_t at = tag & part.mask;; at = (at + 1) & part.mask) {
      const Cell& cell = part.cells[at];
      if (cell.slot == kNone) return kNone;
      if (cell.tag == tag && same(cell.slot)) return cell.slot;
    }
  }

  /// Adds a slot that isn't there.
  void add(std::uint64_t hash, std::uint32_t slot) {
    Part& part = parts_[hash >> kPartShift];
    if (part.cells == nullptr || part.count * 4 >= (part.mask + 1) * 3) grow(part);
    put(part, Cell{static_cast<std::uint32_t>(hash), slot});
    ++part.count;
    ++size_;
  }

  /// Removes a slot that is there.
  void erase(std::uint64_t hash, std::uint32_t slot) noexcept {
    Part& part = parts_[hash >> kPartShift];
    std::uint32_t at = static_cast<std::uint32_t>(hash) & part.mask;
    while (part.cells[at].slot != slot) at = (at + 1) & part.mask;
    // What stands behind moves up, unless it stands at or after its own place.
    for (std::uint32_t next = (at + 1) & part.mask; part.cells[next].slot != kNone;
         next = (next + 1) & part.mask) {
      const std::uint32_t home = part.cells[next].tag & part.mask;
      if (((next - home) & part.mask) < ((next - at) & part.mask)) continue;
      part.cells[at] = part.cells[next];
      at = next;
    }
    part.cells[at].slot = kNone;
    --part.count;
    --size_;
  }

  /// Calls `visit(slot)` for each, in no order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Part& part : parts_) {
      for (std::size_t at = 0; part.cells != nullptr && at <= part.mask; ++at) {
        if (part.cells[at].slot != kNone) visit(part.cells[at].slot);
      }
    }
  }

  std::size_t size() const noexcept { return size_; }

 private:
  static constexpr unsigned kPartShift = 58;
  static constexpr std::uint32_t kFirstCells = 16;

  struct Cell {
    std::uint32_t tag = 0;
    std::uint32_t slot = kNone;
  };
  struct Part {
    std::unique_ptr<Cell[]> cells;
    std::uint32_t mask = 0;
    std::uint32_t count = 0;
  };

  static void put(Part& part, Cell cell) noexcept {
    std::uint32_t at = cell.tag & part.mask;
    while (part.cells[at].slot != kNone) at = (at + 1) & part.mask;
    part.cells[at] = cell;
  }
  static void grow(Part& part) {
    Part larger;
    const std::uint32_t cells = part.cells == nullptr ? kFirstCells : (part.mask + 1) * 2;
    larger.cells = std::make_unique<Cell[]>(cells);
    larger.mask = cells - 1;
    larger.count = part.count;
    for (std::uint32_t at = 0; part.cells != nullptr && at <= part.mask; ++at) {
      if (part.cells[at].slot != kNone) put(larger, part.cells[at]);
    }
    part = std::move(larger);
  }

  std::array<Part, 64> parts_;
  std::size_t size_ = 0;
};

}  // namespace stardrop
