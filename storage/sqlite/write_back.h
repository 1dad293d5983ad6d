// Write-back: brings rows that so far stand only in the redo log into their tables, in sweeps.
//
// A sweep takes all keys that are dirty at its begin, sorts them, and writes the rows in key order,
// a slice per transaction, so that neighbours share a page and no commit waits long. Why this
// survives a crash at any point: docs/decisions/0010-write-back.md.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "market/state.h"
#include "storage/sqlite/row_table.h"

namespace stardrop::storage {

/// The tables of all row types.
using RowTables = market::AllRows::Apply<std::tuple, RowTable>;

/// The dirty rows of one type.
template <class Row>
struct DirtyRows {
  using Key = typename Row::Key;
  std::vector<Key> fresh;   // in no sweep yet
  std::vector<Key> sweep;   // sorted
  std::size_t clean = 0;    // of `sweep`: written and committed
  std::size_t written = 0;  // of `sweep`: written
};

/// Which rows are dirty, and the sweep that writes them. The engine's thread only; sorting many
/// keys is given to a thread of its own.
class WriteBack {
 public:
  WriteBack() = default;
  WriteBack(const WriteBack&) = delete;
  WriteBack& operator=(const WriteBack&) = delete;
  ~WriteBack() { wait(); }

  /// A row became dirty.
  template <TableRow Row>
  void note(const typename Row::Key& key) {
    dirty<Row>().fresh.push_back(key);
    ++fresh_;
  }

  /// Rows that became dirty and are in no sweep yet.
  std::size_t fresh() const noexcept { return fresh_; }
  /// Rows the sweep has still to write.
  std::size_t left() const noexcept { return left_; }
  bool sweeping() const noexcept { return sweeping_; }
  /// Whether the keys are sorted, so that slices can be written.
  bool ready() const noexcept { return sweeping_ && sorted_.load(std::memory_order_acquire); }
  /// Rows of the sweep when it began.
  std::size_t size() const noexcept { return size_; }

  /// Rows ever written.
  std::uint64_t rows_written() const noexcept { return rows_written_; }

  /// Begins a sweep of everything that is dirty.
  void begin();
  /// Waits until the keys are sorted.
  void wait() {
    if (sorter_.joinable()) sorter_.join();
  }
  /// Writes the next rows within the open transaction, `count` at most. The sweep must be ready.
  /// SQLITE_OK or an error code.
  int write(RowTables& tables, const market::State& state, std::size_t count);
  /// The transaction was committed: what was written is clean. Returns whether the sweep is over.
  bool committed(market::State& state);
  /// The transaction was rolled back: what was written is still to be written.
  void rolled_back() noexcept;
  /// Forgets everything.
  void clear();

 private:
  template <class Row>
  DirtyRows<Row>& dirty() {
    return std::get<DirtyRows<Row>>(dirty_);
  }
  template <class Visit>
  void for_each(Visit&& visit) {
    market::AllRows::for_each(
        [&]<class Row>(std::type_identity<Row> row) { visit(row, dirty<Row>()); });
  }
  void sort();

  market::AllRows::Apply<std::tuple, DirtyRows> dirty_;
  std::size_t fresh_ = 0;
  std::size_t left_ = 0;
  std::size_t size_ = 0;
  std::uint64_t rows_written_ = 0;
  bool sweeping_ = false;
  std::atomic<bool> sorted_ = false;
  std::thread sorter_;
};

}  // namespace stardrop::storage
