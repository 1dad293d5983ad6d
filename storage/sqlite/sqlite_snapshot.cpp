// Scans of a pinned moment, table by table in key order.
#include "storage/sqlite/sqlite_snapshot.h"

#include "storage/sqlite/open_database.h"

namespace stardrop::storage {

Result<std::unique_ptr<engine::Snapshot>> SqliteSnapshot::take(const std::string& path,
                                                               const std::string& vfs) {
  auto snapshot = std::make_unique<SqliteSnapshot>();
  STARDROP_TRY_ASSIGN(snapshot->db_, open_for_reading(path, vfs));
  STARDROP_TRY(snapshot->begin());
  return std::unique_ptr<engine::Snapshot>(std::move(snapshot));
}

Status SqliteSnapshot::begin() {
  STARDROP_TRY(db_.run("BEGIN"));
  // A transaction sees the moment of its first read, not of its beginning.
  STARDROP_TRY(db_.number("SELECT count(*) FROM (SELECT 1 FROM journal LIMIT 1)"));
  Status prepared = done();
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    if (prepared) prepared = std::get<RowTable<Row>>(tables_).prepare(db_);
  });
  STARDROP_TRY(prepared);
  return journal_.prepare(db_);
}

Status SqliteSnapshot::scan(const engine::RowVisitor& visitor) {
  Status scanned = done();
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    const auto& visit = visitor.of<Row>();
    if (!visit || !scanned) return;
    scanned = std::get<RowTable<Row>>(tables_).for_each([&](Row&& row) { visit(row); });
  });
  return scanned;
}

Status SqliteSnapshot::read_journal(OpId after,
                                    const std::function<bool(const engine::JournalBatch&)>& take) {
  return journal_.read(after, take);
}

}  // namespace stardrop::storage
