// Sweeps.
#include "storage/sqlite/write_back.h"

namespace stardrop::storage {
namespace {

/// Fewer keys than this are sorted at once: it takes less than a millisecond.
constexpr std::size_t kSortAtOnce = 4096;

}  // namespace

void WriteBack::begin() {
  wait();
  left_ = 0;
  for_each([&]<class Row>(std::type_identity<Row>, DirtyRows<Row>& rows) {
    rows.sweep.clear();
    std::swap(rows.sweep, rows.fresh);
    rows.clean = 0;
    rows.written = 0;
    left_ += rows.sweep.size();
  });
  fresh_ = 0;
  size_ = left_;
  sweeping_ = true;
  sorted_.store(false, std::memory_order_relaxed);
  if (size_ <= kSortAtOnce) {
    sort();
  } else {
    sorter_ = std::thread([this] { sort(); });
  }
}

void WriteBack::sort() {
  for_each([]<class Row>(std::type_identity<Row>, DirtyRows<Row>& rows) {
    std::ranges::sort(rows.sweep);
  });
  sorted_.store(true, std::memory_order_release);
}

int WriteBack::write(RowTables& tables, const market::State& state, std::size_t count) {
  wait();
  int code = SQLITE_OK;
  for_each([&]<class Row>(std::type_identity<Row>, DirtyRows<Row>& rows) {
    while (code == SQLITE_OK && count > 0 && rows.written < rows.sweep.size()) {
      const auto& key = rows.sweep[rows.written];
      const Row* const row = state.table<Row>().peek(key);
      auto& table = std::get<RowTable<Row>>(tables);
      code = row != nullptr ? table.put(*row) : table.erase(key);
      ++rows.written;
      --count;
    }
  });
  return code;
}

bool WriteBack::committed(market::State& state) {
  if (!ready()) return false;
  for_each([&]<class Row>(std::type_identity<Row>, DirtyRows<Row>& rows) {
    for (; rows.clean < rows.written; ++rows.clean) {
      state.table<Row>().mark_clean(rows.sweep[rows.clean]);
      --left_;
      ++rows_written_;
    }
  });
  if (left_ > 0) return false;
  for_each([]<class Row>(std::type_identity<Row>, DirtyRows<Row>& rows) {
    rows.sweep = {};
    rows.clean = 0;
    rows.written = 0;
  });
  sweeping_ = false;
  return true;
}

void WriteBack::rolled_back() noexcept {
  if (!ready()) return;
  for_each(
      []<class Row>(std::type_identity<Row>, DirtyRows<Row>& rows) { rows.written = rows.clean; });
}

void WriteBack::clear() {
  wait();
  for_each([]<class Row>(std::type_identity<Row>, DirtyRows<Row>& rows) { rows = {}; });
  fresh_ = 0;
  left_ = 0;
  size_ = 0;
  sweeping_ = false;
}

}  // namespace stardrop::storage
