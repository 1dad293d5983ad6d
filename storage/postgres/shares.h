// The engine's own accounts: each lane adds to a share of its own, so that no sale waits for
// another node's.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/result.h"
#include "ledger/account.h"
#include "market/state.h"
#include "storage/postgres/connection.h"

namespace stardrop::storage::postgres {

/// An account of the engine is its row and every lane's share together. What a batch sees of it was
/// true at some moment not long ago, exactly if the batch runs alone; what it changes is written as
/// a difference.
class Shares {
 public:
  /// Makes the accounts in a new database.
  static Status make_accounts(Connection& db);
  /// Adds the statements that read the accounts as they are, and all shares of one moment: they may
  /// be on different servers, so no statement joins them.
  static void send_read(Connection& db);
  /// Number of their answers.
  static constexpr std::size_t kReadAnswers = 2;
  /// Takes them over, from the one at `at` on. Refused with storage_unavailable.
  Status read(const std::vector<Answer>& answers, std::size_t at);
  /// The accounts as they were read last, with what was written since.
  const std::array<ledger::Account, 3>& accounts() const noexcept { return known_; }
  /// The one with this id.
  const ledger::Account& account(AccountId id) const;

  /// Adds the statements that write what a batch changed of them, in one fixed order.
  void send_changes(Connection& db, std::uint32_t lane, const Table<ledger::Account>& accounts);
  /// What was sent is durable.
  void committed(const Table<ledger::Account>& accounts);

 private:
  std::array<ledger::Account, 3> known_ = ledger::system_accounts();
};

}  // namespace stardrop::storage::postgres
