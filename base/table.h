// Table<Row>: the loaded rows of one kind, with one undo scope and the list of what a batch
// changed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/check.h"
#include "base/fields.h"

namespace stardrop {

/// When a store writes the rows of a table.
enum class WritePolicy : std::uint8_t {
  append,   ///< new rows with the batch; later changes are written back
  back,     ///< written back; until then the redo log can rebuild them
  through,  ///< every change with the batch
};

/// A key of two numbers, such as (edition, account).
struct PairKey {
  std::int64_t first = 0;
  std::int64_t second = 0;
  friend constexpr auto operator<=>(const PairKey&, const PairKey&) noexcept = default;
};

/// Spreads pairs over a hash table.
struct PairKeyHash {
  std::size_t operator()(const PairKey& key) const noexcept {
    auto x = static_cast<std::uint64_t>(key.first) * 0x9e3779b97f4a7c15ULL ^
             static_cast<std::uint64_t>(key.second);
    x = (x ^ (x >> 32U)) * 0xd6e8feb86659fd93ULL;
    return static_cast<std::size_t>(x ^ (x >> 32U));
  }
};

/// What a row type says of itself:
/// - `Key` and `key()`; `kTable`, the table's name; `fields()`, the key's fields first;
/// - `kWrite`, the policy above;
/// - `kResident`: all rows are in memory, so that what isn't there doesn't exist;
/// - `kOrdered`: resident and walked in key order;
/// - `kHashed`: part of the state hash (secrets that may be destroyed are not).
template <class Row>
concept TableRow = Described<Row> && requires(const Row& row) {
  { row.key() } -> std::same_as<typename Row::Key>;
  { Row::kTable } -> std::convertible_to<std::string_view>;
  { Row::kWrite } -> std::convertible_to<WritePolicy>;
  { Row::kResident } -> std::convertible_to<bool>;
  { Row::kOrdered } -> std::convertible_to<bool>;
  { Row::kHashed } -> std::convertible_to<bool>;
};

/// Rows are handed out by value and put back whole. One thread at a time.
template <TableRow Row>
class Table {
 public:
  using Key = typename Row::Key;

  /// What is known of a key.
  enum class Known : std::uint8_t { no, absent, present };

  // --- for stores ------------------------------------------------------------------------------

  /// Takes a row as the store has it, or the news that there is none. What is known already wins:
  /// it is newer.
  void load(Key key, std::optional<Row> row) {
    if (index_.find(key) != index_.end()) return;
    Slot& slot = slots_[add_slot(key)];
    slot.present = row.has_value();
    if (row) slot.row = *std::move(row);
  }

  Known known(const Key& key) const {
    const auto found = index_.find(key);
    if (found == index_.end()) return Row::kResident ? Known::absent : Known::no;
    return slots_[found->second].present ? Known::present : Known::absent;
  }

  /// One row that the batch changed. `existed` before it; `after` is null if it was removed;
  /// `dirty` says that the store has not even what was there before.
  struct Change {
    Key key;
    bool existed;
    const Row* after;
    bool dirty;
    std::uint32_t slot;
  };

  /// Calls `visit(Change)` for every row the batch changed, in order of first change.
  template <class Visit>
  void for_each_change(Visit&& visit) const {
    for (const std::uint32_t at : changed_) {
      const Slot& slot = slots_[at];
      if (!slot.present && !slot.existed) continue;  // came and went within the batch
      visit(Change{slot.key, slot.existed, slot.present ? &slot.row : nullptr, slot.dirty, at});
    }
  }
  bool has_changes() const noexcept { return !changed_.empty(); }

  /// The row as it is now, whether declared or not; null if it isn't there or not loaded.
  const Row* peek(const Key& key) const {
    const auto found = index_.find(key);
    if (found == index_.end() || !slots_[found->second].present) return nullptr;
    return &slots_[found->second].row;
  }

  /// Calls `visit(row)` for every loaded row that is there; in key order if `kOrdered`.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [key, at] : index_) {
      if (slots_[at].present) visit(slots_[at].row);
    }
  }

  /// Forgets the batch's list of changes, after a commit.
  void end_batch() {
    for (const std::uint32_t at : changed_) {
      slots_[at].in_batch = false;
      drop_if_gone(at);
    }
    changed_.clear();
  }

  /// Marks a row as newer than the store's. Returns whether it wasn't before.
  bool mark_dirty(const Key& key) {
    Slot& slot = slots_[index_.find(key)->second];
    return !std::exchange(slot.dirty, true);
  }
  /// The same for a row that `for_each_change` shows, without looking it up again.
  bool mark_dirty(const Change& change) { return !std::exchange(slots_[change.slot].dirty, true); }
  void mark_clean(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    slots_[found->second].dirty = false;
    drop_if_gone(found->second);
  }

  /// Drops up to `count` clean rows, the longest loaded first, and looks at four times as many at
  /// most: a table full of dirty rows costs no more. Never call it inside a batch.
  std::size_t evict(std::size_t count) {
    std::size_t dropped = 0;
    std::size_t looked = 0;
    const std::size_t size = slots_.size();
    const std::size_t look = std::min(size, count * 4);
    while (dropped < count && looked < look) {
      if (hand_ >= size) hand_ = 0;
      Slot& slot = slots_[hand_];
      if (slot.used && !slot.dirty && !slot.in_batch && !Row::kResident) {
        index_.erase(slot.key);
        slot = Slot{};
        free_.push_back(static_cast<std::uint32_t>(hand_));
        ++dropped;
      }
      ++hand_;
      ++looked;
    }
    return dropped;
  }

  /// Forgets everything: the store must be asked again.
  void clear() { *this = Table(); }

  std::size_t size() const noexcept { return index_.size(); }
  /// Rough bytes of memory one loaded row takes.
  static constexpr std::size_t kRowBytes = sizeof(Row) + 56;

  // --- for commands ----------------------------------------------------------------------------

  /// Declares that the command with this stamp may read `key`. Returns the row, or null if it
  /// isn't there; `known` tells whether that is certain.
  const Row* want(const Key& key, std::uint32_t stamp, Known& known) {
    auto found = index_.find(key);
    if (found == index_.end()) {
      if (!Row::kResident) {
        known = Known::no;
        return nullptr;
      }
      known = Known::absent;  // needs no slot: asking for what isn't there must not cost memory
      return nullptr;
    }
    Slot& slot = slots_[found->second];
    slot.declared = stamp;
    known = slot.present ? Known::present : Known::absent;
    return slot.present ? &slot.row : nullptr;
  }

  /// The row by value. Reading what was not declared stops the program: it would not have been
  /// loaded or locked. Only of a resident table it is known anyway that a row doesn't exist.
  std::optional<Row> find(const Key& key, std::uint32_t stamp) const {
    const auto found = index_.find(key);
    if (Row::kResident && found == index_.end()) return std::nullopt;
    STARDROP_ASSERT(found != index_.end() && slots_[found->second].declared == stamp,
                    "a command reads only rows it declared");
    const Slot& slot = slots_[found->second];
    if (!slot.present) return std::nullopt;
    return slot.row;
  }

  /// Adds or overwrites a row. A row that is overwritten was declared; a new one has a key made
  /// by this command or one declared and found absent.
  void put(Row row) {
    const Key key = row.key();
    auto found = index_.find(key);
    const std::uint32_t at = found == index_.end() ? add_slot(key) : found->second;
    Slot& slot = slots_[at];
    remember(at, slot);
    slot.row = std::move(row);
    slot.present = true;
  }

  /// Removes a row that is there.
  void erase(const Key& key) {
    const auto found = index_.find(key);
    STARDROP_ASSERT(found != index_.end() && slots_[found->second].present,
                    "only a row that is there can be removed");
    Slot& slot = slots_[found->second];
    remember(found->second, slot);
    slot.present = false;
  }

  // --- the undo scope --------------------------------------------------------------------------

  /// Begins the scope of one command.
  void begin_scope() {
    ++scope_;
    scope_changed_from_ = changed_.size();
  }
  bool scope_is_empty() const noexcept { return undo_.empty(); }

  /// Calls `visit(before, after)`, either null, for each row the scope changed.
  template <class Visit>
  void for_each_scope_change(Visit&& visit) const {
    for (const Undo& undo : undo_) {
      const Slot& slot = slots_[undo.at];
      const Row* before = undo.present ? &undo.before : nullptr;
      const Row* after = slot.present ? &slot.row : nullptr;
      if (before != nullptr || after != nullptr) visit(before, after);
    }
  }

  void keep_scope() { undo_.clear(); }

  void discard_scope() {
    for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
      Slot& slot = slots_[undo->at];
      slot.row = std::move(undo->before);
      slot.present = undo->present;
      slot.scope = 0;
    }
    undo_.clear();
    for (std::size_t i = scope_changed_from_; i < changed_.size(); ++i) {
      slots_[changed_[i]].in_batch = false;
    }
    changed_.resize(scope_changed_from_);
  }

  /// The rows from the first key not below `from`, in key order, until `visit(row)` returns false.
  /// Every row shown is declared.
  template <class Visit>
  void walk(const Key& from, std::uint32_t stamp, Visit&& visit) requires(Row::kOrdered) {
    for (auto at = index_.lower_bound(from); at != index_.end(); ++at) {
      Slot& slot = slots_[at->second];
      if (!slot.present) continue;
      slot.declared = stamp;
      if (!visit(slot.row)) return;
    }
  }

  /// The first row of an ordered table, or null.
  const Row* first() const requires(Row::kOrdered) {
    for (const auto& [key, at] : index_) {
      if (slots_[at].present) return &slots_[at].row;
    }
    return nullptr;
  }

 private:
  struct Slot {
    Row row{};
    Key key{};
    std::uint32_t declared = 0;
    std::uint32_t scope = 0;
    bool used = false;
    bool present = false;
    bool dirty = false;     // newer than the store's
    bool in_batch = false;  // in `changed_`
    bool existed = false;   // before the batch
  };
  struct Undo {
    std::uint32_t at;
    bool present;
    Row before;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      if constexpr (std::is_same_v<Key, PairKey>) {
        return PairKeyHash{}(key);
      } else {
        return std::hash<Key>{}(key);
      }
    }
  };
  using Index = std::conditional_t<Row::kOrdered,
                                   std::map<Key, std::uint32_t>,
                                   boost::unordered_flat_map<Key, std::uint32_t, KeyHash>>;

  std::uint32_t add_slot(const Key& key) {
    std::uint32_t at = 0;
    if (free_.empty()) {
      at = static_cast<std::uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      at = free_.back();
      free_.pop_back();
    }
    slots_[at].key = key;
    slots_[at].used = true;
    index_.emplace(key, at);
    return at;
  }

  /// A resident table needs no memory of what isn't there, once the store knows it too.
  void drop_if_gone(std::uint32_t at) {
    Slot& slot = slots_[at];
    if (!Row::kResident || slot.present || slot.dirty || slot.in_batch || !slot.used) return;
    index_.erase(slot.key);
    slot = Slot{};
    free_.push_back(at);
  }

  void remember(std::uint32_t at, Slot& slot) {
    if (slot.scope != scope_) {
      slot.scope = scope_;
      undo_.push_back(Undo{at, slot.present, slot.row});
    }
    if (!slot.in_batch) {
      slot.in_batch = true;
      slot.existed = slot.present;
      changed_.push_back(at);
    }
  }

  std::deque<Slot> slots_;
  Index index_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> changed_;
  std::vector<Undo> undo_;
  std::uint32_t scope_ = 0;
  std::size_t scope_changed_from_ = 0;
  std::size_t hand_ = 0;
};

}  // namespace stardrop
