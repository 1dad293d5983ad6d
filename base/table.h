// Table<Row>: the loaded rows of one kind, with one undo scope and the list of what a batch
// changed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/fields.h"
#include "base/loaded_ranges.h"
#include "base/slot_index.h"

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

/// Ordered rows that are walked by the first half of their key, which makes a range: `kRanged`.
template <class Row>
concept RangedRow =
    TableRow<Row> && Row::kOrdered && std::is_same_v<typename Row::Key, PairKey> && requires {
  requires Row::kRanged;
};

/// Rows are handed out by value and put back whole. One thread at a time.
template <TableRow Row>
class Table {
 public:
  using Key = typename Row::Key;

  /// What is known of a key.
  enum class Known : std::uint8_t { no, absent, present };

  // --- for stores ------------------------------------------------------------------------------

  /// Takes a row as the store has it, or the news that there is none. What is known for certain
  /// already wins: it is newer.
  void load(Key key, std::optional<Row> row) {
    std::uint32_t number = at(key);
    if (number == kNone) {
      number = add_slot(key);
    } else if (is_certain(slot_at(number))) {
      return;
    }
    Slot& slot = slot_at(number);
    slot.seen = epoch_;
    slot.present = row.has_value();
    slot.row = row ? *std::move(row) : Row{};
  }

  Known known(const Key& key) const {
    const std::uint32_t found = at(key);
    if (found == kNone) return Row::kResident && !shared_ ? Known::absent : Known::no;
    const Slot& slot = slot_at(found);
    if (!is_certain(slot)) return Known::no;
    return slot.present ? Known::present : Known::absent;
  }

  // Others write to a shared store too. What was read of it before is a guess, good for naming the
  // rows that a command needs, until it is read again under a lock.

  /// From now on the store is shared, so that even a resident table may lack rows.
  void share() noexcept { shared_ = true; }
  bool is_shared() const noexcept { return shared_; }
  /// From now on only what is read anew, or changed, is certain. Ranges are forgotten.
  void doubt() {
    // Guesses would be walked though they may be gone; and once in 2^32 times what was read in the
    // first epoch would look new.
    constexpr bool kWalked = Row::kOrdered && std::is_same_v<Key, PairKey>;
    if (++epoch_ == 0 || (kWalked && shared_)) drop_unchanged();
    certain_from_ = epoch_;
    ranges_.clear();
  }
  /// Until the next `doubt` guesses count as certain: for a first look.
  void trust() noexcept { certain_from_ = 0; }

  /// Notes that all rows of a range are loaded, or its first `limit`.
  void loaded_range(std::int64_t first, std::size_t limit, bool whole) {
    ranges_.loaded(first, limit, whole);
  }
  /// How many rows of a range should be loaded next; 0 if all of it is.
  std::size_t range_lacks(std::int64_t first) const { return shared_ ? ranges_.lacks(first) : 0; }

  /// Takes a row that another writer has committed; `for_each_change` shows it.
  void take_over(Row row) {
    const Key key = row.key();
    std::uint32_t number = at(key);
    if (number == kNone) number = add_slot(key);
    Slot& slot = slot_at(number);
    if (!slot.in_batch) {
      slot.in_batch = true;
      slot.existed = slot.present;
      changed_.push_back(number);
    }
    slot.seen = epoch_;
    slot.row = std::move(row);
    slot.present = true;
  }
  /// Forgets every row the batch changed: it will not be committed.
  void forget_batch() {
    undo_.clear();
    for (const std::uint32_t number : changed_) drop(number);
    changed_.clear();
    doubt();
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
    for (const std::uint32_t number : changed_) {
      const Slot& slot = slot_at(number);
      if (!slot.present && !slot.existed) continue;  // came and went within the batch
      visit(Change{slot.key, slot.existed, slot.present ? &slot.row : nullptr, slot.dirty, number});
    }
  }
  bool has_changes() const noexcept { return !changed_.empty(); }

  /// The row as it is now, whether declared or not; null if it isn't there or not loaded.
  const Row* peek(const Key& key) const {
    const std::uint32_t found = at(key);
    return found != kNone && slot_at(found).present ? &slot_at(found).row : nullptr;
  }

  /// Calls `visit(row)` for every loaded row that is there; in key order if `kOrdered`.
  template <class Visit>
  void for_each(Visit&& visit) const {
    each_slot([&](const Slot& slot) {
      if (slot.present) visit(slot.row);
    });
  }

  /// Forgets the batch's list of changes, after a commit, and new rows of append tables: they are
  /// in the store, and most are not asked for again.
  void end_batch() {
    for (const std::uint32_t number : changed_) {
      Slot& slot = slot_at(number);
      slot.in_batch = false;
      if (Row::kWrite == WritePolicy::append && !Row::kResident && !slot.dirty) {
        drop(number);
      } else {
        drop_if_gone(number);
      }
    }
    changed_.clear();
  }

  /// Marks a row as newer than the store's. Returns whether it wasn't before.
  bool mark_dirty(const Key& key) { return mark_dirty_at(at(key)); }
  /// The same for a row that `for_each_change` shows, without looking it up again.
  bool mark_dirty(const Change& change) { return mark_dirty_at(change.slot); }
  void mark_clean(const Key& key) {
    const std::uint32_t found = at(key);
    if (found == kNone) return;
    slot_at(found).dirty = false;
    drop_if_gone(found);
  }

  /// Drops up to `count` clean rows, the longest loaded first; one that a command wanted since it
  /// was looked at last is spared once. Looks at four times as many at most: a table full of dirty
  /// rows costs no more. Never call it inside a batch.
  std::size_t evict(std::size_t count) {
    if (Row::kResident) return 0;
    std::size_t dropped = 0;
    const std::size_t look = std::min<std::size_t>(slots_, count * 4);
    for (std::size_t looked = 0; dropped < count && looked < look; ++looked) {
      if (hand_ >= slots_) hand_ = 0;
      const std::uint32_t number = hand_++;
      Slot& slot = slot_at(number);
      const bool wanted = slot.wanted;
      slot.wanted = false;
      if (!slot.used || slot.dirty || slot.in_batch || wanted) continue;
      drop(number);
      ++dropped;
    }
    return dropped;
  }

  /// Forgets everything: the store must be asked again.
  void clear() { *this = Table(); }

  std::size_t size() const noexcept { return index_.size(); }
  /// Rough bytes of memory one loaded row takes.
  static constexpr std::size_t kRowBytes = sizeof(Row) + 48;

  // --- for commands ----------------------------------------------------------------------------

  /// Declares that the command with this stamp may read `key`. Returns the row, or null if it
  /// isn't there; `known` tells whether that is certain.
  const Row* want(const Key& key, std::uint32_t stamp, Known& known) {
    const std::uint32_t found = at(key);
    if (found == kNone) {
      // What a resident table doesn't have needs no slot: asking must not cost memory.
      known = Row::kResident && !shared_ ? Known::absent : Known::no;
      return nullptr;
    }
    Slot& slot = slot_at(found);
    slot.declared = stamp;
    slot.wanted = true;
    known = !is_certain(slot) ? Known::no : slot.present ? Known::present : Known::absent;
    return slot.present ? &slot.row : nullptr;
  }

  /// The row by value. Reading what was not declared stops the program: it would not have been
  /// loaded or locked. Only of a resident table it is known anyway that a row doesn't exist.
  std::optional<Row> find(const Key& key, std::uint32_t stamp) const {
    const std::uint32_t found = at(key);
    if (Row::kResident && found == kNone) return std::nullopt;
    STARDROP_ASSERT(found != kNone && slot_at(found).declared == stamp,
                    "a command reads only rows it declared");
    const Slot& slot = slot_at(found);
    if (!slot.present) return std::nullopt;
    return slot.row;
  }

  /// Adds or overwrites a row. A row that is overwritten was declared; a new one has a key made
  /// by this command or one declared and found absent.
  void put(Row row) {
    const Key key = row.key();
    std::uint32_t number = at(key);
    if (number == kNone) number = add_slot(key);
    Slot& slot = slot_at(number);
    remember(number, slot);
    slot.row = std::move(row);
    slot.present = true;
  }

  /// Removes a row that is there.
  void erase(const Key& key) {
    const std::uint32_t found = at(key);
    STARDROP_ASSERT(found != kNone && slot_at(found).present,
                    "only a row that is there can be removed");
    Slot& slot = slot_at(found);
    remember(found, slot);
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
      const Slot& slot = slot_at(undo.at);
      const Row* before = undo.present ? &undo.before : nullptr;
      const Row* after = slot.present ? &slot.row : nullptr;
      if (before != nullptr || after != nullptr) visit(before, after);
    }
  }

  void keep_scope() { undo_.clear(); }

  void discard_scope() {
    for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
      Slot& slot = slot_at(undo->at);
      slot.row = std::move(undo->before);
      slot.present = undo->present;
      slot.scope = 0;
    }
    undo_.clear();
    for (std::size_t i = scope_changed_from_; i < changed_.size(); ++i) {
      slot_at(changed_[i]).in_batch = false;
    }
    changed_.resize(scope_changed_from_);
  }

  /// The rows from the first key not below `from`, in key order, until `visit(row)` returns false;
  /// of ranged rows only those of its range. Every row shown is declared. Returns whether it
  /// came to the end of what is loaded.
  template <class Visit>
  bool walk(const Key& from, std::uint32_t stamp, Visit&& visit) requires(Row::kOrdered) {
    for (auto each = index_.lower_bound(from); each != index_.end(); ++each) {
      if constexpr (RangedRow<Row>) {
        if (each->first.first != from.first) return true;
      }
      Slot& slot = slot_at(each->second);
      if (!slot.present) continue;
      slot.declared = stamp;
      if (!visit(slot.row)) return false;
    }
    return true;
  }

  /// The first row of an ordered table, or null.
  const Row* first() const requires(Row::kOrdered) {
    for (const auto& [key, number] : index_) {
      if (slot_at(number).present) return &slot_at(number).row;
    }
    return nullptr;
  }

 private:
  static constexpr std::uint32_t kNone = SlotIndex::kNone;
  static constexpr std::uint32_t kPieceShift = 7;
  static constexpr std::uint32_t kPieceSlots = 1U << kPieceShift;

  /// What is looked at first stands first. Small on purpose: an account's slot is two cache lines.
  struct Slot {
    Key key{};
    std::uint32_t declared = 0;
    std::uint32_t scope = 0;
    std::uint32_t seen = 0;  // the epoch in which it was read or changed
    bool used : 1 = false;
    bool present : 1 = false;
    bool dirty : 1 = false;     // newer than the store's
    bool in_batch : 1 = false;  // in `changed_`
    bool existed : 1 = false;   // before the batch
    bool wanted : 1 = false;    // since it was looked at for eviction
    Row row{};
  };
  struct Undo {
    std::uint32_t at;
    bool present;
    Row before;
  };
  using Index = std::conditional_t<Row::kOrdered, std::map<Key, std::uint32_t>, SlotIndex>;

  static std::uint64_t hash_of(const Key& key) noexcept {
    std::uint64_t x = 0;
    if constexpr (std::is_same_v<Key, PairKey>) {
      x = PairKeyHash{}(key);
    } else {
      x = std::hash<Key>{}(key);
    }
    x *= 0x9e3779b97f4a7c15ULL;
    return x ^ (x >> 32U);
  }

  Slot& slot_at(std::uint32_t number) noexcept {
    return pieces_[number >> kPieceShift][number & (kPieceSlots - 1)];
  }
  const Slot& slot_at(std::uint32_t number) const noexcept {
    return pieces_[number >> kPieceShift][number & (kPieceSlots - 1)];
  }

  /// The number of the slot of `key`, or kNone.
  std::uint32_t at(const Key& key) const {
    if constexpr (Row::kOrdered) {
      const auto found = index_.find(key);
      return found == index_.end() ? kNone : found->second;
    } else {
      return index_.find(hash_of(key),
                         [&](std::uint32_t number) { return slot_at(number).key == key; });
    }
  }

  template <class Visit>
  void each_slot(Visit&& visit) const {
    if constexpr (Row::kOrdered) {
      for (const auto& [key, number] : index_) visit(slot_at(number));
    } else {
      index_.for_each([&](std::uint32_t number) { visit(slot_at(number)); });
    }
  }

  std::uint32_t add_slot(const Key& key) {
    std::uint32_t number = slots_;
    if (free_.empty()) {
      STARDROP_ASSERT(slots_ < kNone, "the rows of a table can be numbered");
      if ((slots_++ & (kPieceSlots - 1)) == 0) {
        pieces_.push_back(std::make_unique<Slot[]>(kPieceSlots));
      }
    } else {
      number = free_.back();
      free_.pop_back();
    }
    slot_at(number).key = key;
    slot_at(number).used = true;
    slot_at(number).seen = epoch_;
    if constexpr (Row::kOrdered) {
      index_.emplace(key, number);
    } else {
      index_.add(hash_of(key), number);
    }
    return number;
  }

  void drop(std::uint32_t number) {
    Slot& slot = slot_at(number);
    if constexpr (Row::kOrdered) {
      index_.erase(slot.key);
    } else {
      index_.erase(hash_of(slot.key), number);
    }
    slot = Slot{};
    free_.push_back(number);
  }

  bool mark_dirty_at(std::uint32_t number) {
    Slot& slot = slot_at(number);
    const bool newly = !slot.dirty;
    slot.dirty = true;
    return newly;
  }

  bool is_certain(const Slot& slot) const noexcept {
    return slot.seen >= certain_from_ || slot.in_batch;
  }

  void drop_unchanged() {
    for (std::uint32_t number = 0; number < slots_; ++number) {
      if (slot_at(number).used && !slot_at(number).in_batch) drop(number);
    }
  }

  /// A resident table needs no memory of what isn't there, once the store knows it too.
  void drop_if_gone(std::uint32_t number) {
    const Slot& slot = slot_at(number);
    if (!Row::kResident || slot.present || slot.dirty || slot.in_batch || !slot.used) return;
    drop(number);
  }

  void remember(std::uint32_t number, Slot& slot) {
    if (slot.scope != scope_) {
      slot.scope = scope_;
      undo_.push_back(Undo{number, slot.present, slot.row});
    }
    if (!slot.in_batch) {
      slot.in_batch = true;
      slot.existed = slot.present;
      changed_.push_back(number);
    }
  }

  std::vector<std::unique_ptr<Slot[]>> pieces_;
  std::uint32_t slots_ = 0;  // in use or free
  Index index_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> changed_;
  std::vector<Undo> undo_;
  std::uint32_t scope_ = 0;
  std::size_t scope_changed_from_ = 0;
  std::uint32_t hand_ = 0;
  std::uint32_t epoch_ = 0;
  std::uint32_t certain_from_ = 0;
  bool shared_ = false;
  LoadedRanges ranges_;
};

}  // namespace stardrop
