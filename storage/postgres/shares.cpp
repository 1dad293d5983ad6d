// Differences instead of balances.
#include "storage/postgres/shares.h"

#include "storage/postgres/row_table.h"

namespace stardrop::storage::postgres {
namespace {

using ledger::Account;

// What a row of `accounts` has of these is what came with an import, and never changes.
const std::string kShares =
    "SELECT account, sum(posted)::bigint, sum(held)::bigint, sum(grams_posted)::bigint, "
    "sum(grams_held)::bigint FROM account_shares GROUP BY account";

const std::string kAdd =
    "INSERT INTO account_shares(account, lane, posted, held, grams_posted, grams_held) "
    "SELECT u.account, $2, u.posted, u.held, u.grams_posted, u.grams_held "
    "FROM unnest($1::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) "
    "AS u(account, posted, held, grams_posted, grams_held) ORDER BY u.account "
    "ON CONFLICT (account, lane) DO UPDATE SET posted = account_shares.posted + excluded.posted, "
    "held = account_shares.held + excluded.held, "
    "grams_posted = account_shares.grams_posted + excluded.grams_posted, "
    "grams_held = account_shares.grams_held + excluded.grams_held";

/// What only a batch that runs alone changes.
const std::string kUpdateRow =
    "UPDATE accounts SET premium = $2::bigint::smallint, erased = $3::bigint::smallint, "
    "newest_transfer = $4, newest_gift = $5, gifts = $6 WHERE id = $1";

bool same_row(const Account& a, const Account& b) {
  return a.premium == b.premium && a.erased == b.erased && a.newest_transfer == b.newest_transfer &&
         a.newest_gift == b.newest_gift && a.gifts == b.gifts;
}

}  // namespace

Status Shares::make_accounts(Connection& db) {
  const auto accounts = ledger::system_accounts();
  std::vector<const Account*> rows;
  for (const Account& account : accounts) rows.push_back(&account);
  STARDROP_TRY(db.run(RowTable<Account>::insert(Placement::here) + " ON CONFLICT DO NOTHING",
                      RowTable<Account>::columns_of(rows)));
  return done();
}

void Shares::send_read(Connection& db) {
  std::vector<AccountId> ids;
  for (const Account& account : ledger::system_accounts()) ids.push_back(account.id);
  db.send(RowTable<Account>::select(), RowTable<Account>::keys_of(ids));
  db.send(kShares);
}

Status Shares::read(const std::vector<Answer>& answers, std::size_t at) {
  const Answer& rows = answers[at];
  for (int row = 0; row < rows.rows(); ++row) {
    STARDROP_TRY_ASSIGN(const Account account, RowTable<Account>::read(rows, row));
    known_[static_cast<std::size_t>(account.id.value() - 1)] = account;
  }
  const Answer& shares = answers[at + 1];
  for (int row = 0; row < shares.rows(); ++row) {
    Account& known = known_[static_cast<std::size_t>(shares.integer(row, 0) - 1)];
    known.posted = Stars::units(known.posted.units() + shares.integer(row, 1));
    known.held = Stars::units(known.held.units() + shares.integer(row, 2));
    known.grams_posted = Grams::units(known.grams_posted.units() + shares.integer(row, 3));
    known.grams_held = Grams::units(known.grams_held.units() + shares.integer(row, 4));
  }
  return done();
}

const Account& Shares::account(AccountId id) const {
  STARDROP_ASSERT(ledger::is_system_account(id), "only the engine's own accounts have shares");
  return known_[static_cast<std::size_t>(id.value() - 1)];
}

void Shares::send_changes(Connection& db, std::uint32_t lane, const Table<Account>& accounts) {
  Array ids(Type::int8_array);
  Array posted(Type::int8_array);
  Array held(Type::int8_array);
  Array grams_posted(Type::int8_array);
  Array grams_held(Type::int8_array);
  for (const Account& before : known_) {
    const Account* const after = accounts.peek(before.id);
    if (after == nullptr || to_binary(*after) == to_binary(before)) continue;
    ids.add(before.id.value());
    posted.add(after->posted.units() - before.posted.units());
    held.add(after->held.units() - before.held.units());
    grams_posted.add(after->grams_posted.units() - before.grams_posted.units());
    grams_held.add(after->grams_held.units() - before.grams_held.units());
    if (same_row(before, *after)) continue;
    db.send(kUpdateRow, Parameters()
                            .add(after->id.value())
                            .add(to_integer(after->premium))
                            .add(to_integer(after->erased))
                            .add(after->newest_transfer.value())
                            .add(after->newest_gift.value())
                            .add(after->gifts));
  }
  if (ids.size() == 0) return;
  db.send(kAdd, Parameters()
                    .add(ids)
                    .add(std::int64_t{lane})
                    .add(posted)
                    .add(held)
                    .add(grams_posted)
                    .add(grams_held));
}

void Shares::committed(const Table<Account>& accounts) {
  for (Account& known : known_) {
    if (const Account* const after = accounts.peek(known.id)) known = *after;
  }
}

}  // namespace stardrop::storage::postgres
