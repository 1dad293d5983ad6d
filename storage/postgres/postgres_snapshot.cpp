// Pages within one repeatable-read transaction.
#include "storage/postgres/postgres_snapshot.h"

#include <optional>

#include "storage/postgres/journal.h"
#include "storage/postgres/row_table.h"
#include "storage/postgres/shares.h"

namespace stardrop::storage::postgres {
namespace {

constexpr std::int64_t kRowsAtOnce = 5000;
/// How long a page may take.
constexpr Duration kReadingMax = Duration::seconds(600);

}  // namespace

Result<std::unique_ptr<PostgresSnapshot>> PostgresSnapshot::take(const std::string& url,
                                                                 Duration begin_within) {
  auto out = std::make_unique<PostgresSnapshot>();
  STARDROP_TRY_ASSIGN(out->db_, Connection::open(url, "stardrop snapshot"));
  // It is begun on the engine's thread, and read on one that has time.
  out->db_.wait_at_most(begin_within);
  STARDROP_TRY(out->db_.script("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
  // The moment is that of the first statement.
  STARDROP_TRY(out->db_.run("SELECT 1 FROM lanes LIMIT 1"));
  out->db_.wait_at_most(kReadingMax);
  return out;
}

template <class Row>
Status PostgresSnapshot::scan_table(const std::function<void(const Row&)>& visit) {
  Shares shares;
  constexpr bool kShared = std::is_same_v<Row, ledger::Account>;
  if constexpr (kShared) {
    Shares::send_read(db_);
    STARDROP_TRY_ASSIGN(const auto answers, db_.receive());
    STARDROP_TRY(shares.read(answers, 0));
  }
  // A cursor would have Citus bring all rows to one place first.
  using Rows = RowTable<Row>;
  std::optional<typename Row::Key> last;
  for (;;) {
    Parameters page = Parameters().add(kRowsAtOnce);
    if (last) Rows::add_key(page, *last);
    STARDROP_TRY_ASSIGN(const Answer rows,
                        db_.run(last ? Rows::select_next() : Rows::select_first(), page));
    for (int at = 0; at < rows.rows(); ++at) {
      STARDROP_TRY_ASSIGN(Row row, Rows::read(rows, at));
      last = row.key();
      if constexpr (kShared) {
        if (ledger::is_system_account(row.id)) row = shares.account(row.id);
      }
      visit(row);
    }
    if (rows.rows() < kRowsAtOnce) return done();
  }
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
