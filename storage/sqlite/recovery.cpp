// Recovery.
#include "storage/sqlite/recovery.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace stardrop::storage {
namespace {

using engine::UsedKey;
using market::AllRows;
using market::State;

/// Loads the images of one table of a batch; false if they are damaged.
template <class Row>
bool replay_table(BinaryReader& in, State& into, WriteBack* dirty) {
  auto& table = into.table<Row>();
  for (;;) {
    const auto tag = static_cast<RedoTag>(in.byte());
    if (!in.ok() || tag > RedoTag::removed) return false;
    if (tag == RedoTag::end) return true;
    std::optional<Row> row;
    typename Row::Key key{};
    if (tag == RedoTag::row) {
      in.value(row.emplace());
      key = row->key();
    } else {
      key = read_redo_key<typename Row::Key>(in);
    }
    if (!in.ok()) return false;
    table.load(key, std::move(row));
    if (dirty != nullptr && table.mark_dirty(key)) dirty->note<Row>(key);
  }
}

/// Loads all images of a batch; false if they are damaged.
bool replay_batch(std::string_view images, State& into, WriteBack* dirty) {
  BinaryReader in(images);
  while (!in.at_end()) {
    const std::string_view name = in.text();
    bool sound = false;
    AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
      if (name == Row::kTable) sound = replay_table<Row>(in, into, dirty);
    });
    if (!sound) return false;
  }
  return in.ok();
}

}  // namespace

Result<std::vector<UsedKey>> replay_redo(RedoLog& redo,
                                         OpId keys_after,
                                         State& into,
                                         WriteBack* dirty) {
  std::vector<UsedKey> keys;
  std::vector<UsedKey> of_batch;
  STARDROP_TRY(redo.read([&](OpId first_op, std::string_view body) {
    of_batch.clear();
    const auto images = open_redo(body, of_batch);
    if (!images) return false;
    if (first_op > keys_after) keys.insert(keys.end(), of_batch.rbegin(), of_batch.rend());
    return replay_batch(*images, into, dirty);
  }));
  std::ranges::reverse(keys);
  return keys;
}

Status read_rows(RowTables& tables, State& into, bool resident_only) {
  Status all = done();
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    if (!all || (resident_only && !Row::kResident)) return;
    all = std::get<RowTable<Row>>(tables).for_each([&](Row&& row) {
      const auto key = row.key();
      into.table<Row>().load(key, std::move(row));
    });
  });
  return all;
}

}  // namespace stardrop::storage
