// Cursors within one repeatable-read transaction.
#include "storage/postgres/postgres_snapshot.h"

#include "storage/postgres/journal.h"
#include "storage/postgres/row_table.h"
#include "storage/postgres/shares.h"

namespace stardrop::storage::postgres {
namespace {

constexpr int kRowsAtOnce = 5000;

}  // namespace

Result<std::unique_ptr<PostgresSnapshot>> PostgresSnapshot::take(const std::string& url) {
  auto out = std::make_unique<PostgresSnapshot>();
  STARDROP_TRY_ASSIGN(out->db_, Connection::open(url, "stardrop snapshot"));
  STARDROP_TRY(out->db_.script("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
  // The moment is that of the first statement.
  STARDROP_TRY(out->db_.run("SELECT 1 FROM lanes LIMIT 1"));
  return out;
}

template <class Row>
Status PostgresSnapshot::scan_table(const std::function<void(const Row&)>& visit) {
  Shares shares;
  constexpr bool kShared = std::is_same_v<Row, ledger::Account>;
  if constexpr (kShared) {
    Shares::send_read(db_);
    STARDROP_TRY_ASSIGN(const auto answers, db_.receive());
    STARDROP_TRY(shares.read(answers[0]));
  }
  STARDROP_TRY(db_.run("DECLARE scan NO SCROLL CURSOR FOR " + RowTable<Row>::select_all()));
  const std::string fetch = "FETCH " + std::to_string(kRowsAtOnce) + " FROM scan";
  for (;;) {
    // The same words mean other columns for the next table, so they are not to be prepared.
    STARDROP_TRY_ASSIGN(const Answer rows, db_.run_once(fetch));
    for (int at = 0; at < rows.rows(); ++at) {
      STARDROP_TRY_ASSIGN(Row row, RowTable<Row>::read(rows, at));
      if constexpr (kShared) {
        if (ledger::is_system_account(row.id)) row = shares.account(row.id);
      }
      visit(row);
    }
    if (rows.rows() < kRowsAtOnce) break;
  }
  STARDROP_TRY(db_.run("CLOSE scan"));
  return done();
}

Status PostgresSnapshot::scan(const engine::RowVisitor& visitor) {
  Status scanned = done();
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    const auto& visit = visitor.of<Row>();
    if (visit && scanned) scanned = scan_table<Row>(visit);
  });
  return scanned;
}

Status PostgresSnapshot::read_journal(
    OpId after,
    const std::function<bool(const engine::JournalBatch&)>& take) {
  return postgres::read_journal(db_, after, take);
}

}  // namespace stardrop::storage::postgres
