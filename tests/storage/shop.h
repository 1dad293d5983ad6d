// A small economy on top of a store: accounts with Stars, one edition, purchases.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/executor.h"

namespace stardrop::testing {

/// Runs commands through a real executor and remembers what was answered.
class Shop {
 public:
  explicit Shop(engine::Store& store, std::uint64_t seed = 1);

  /// Opens the store. Also after a crash.
  Status open() { return executor_.open(); }
  /// Makes `accounts` accounts with 1,000 Stars each, and an edition of `supply`.
  void stock(int accounts, std::int64_t supply);
  /// Buys a gift under the key `purchase-<number>`.
  engine::Outcome buy(std::uint64_t number);
  /// Buys several in one batch.
  std::vector<engine::Outcome> buy(std::uint64_t first, std::size_t count);
  std::vector<engine::Outcome> run(std::vector<engine::Request> requests);
  engine::Request purchase(std::uint64_t number) const;
  engine::Request request(market::AnyCommand command, std::string key) const;

  engine::Executor& executor() noexcept { return executor_; }
  ManualClock& clock() noexcept { return clock_; }
  const std::vector<AccountId>& accounts() const noexcept { return accounts_; }
  EditionId edition() const noexcept { return edition_; }
  /// What another shop knows of its accounts, after that one's store was opened anew.
  void adopt(const Shop& other);

 private:
  ManualClock clock_;
  std::uint64_t seeds_ = 0;
  engine::Executor executor_;
  std::vector<AccountId> accounts_;
  EditionId edition_;
};

/// All rows of a store as text lines, sorted; equal stores give equal dumps. What is sealed is left
/// out: it is never the same twice.
std::string dump(engine::Store& store);

/// Goes through the journal: every entry, the chain unbroken, operations and times rising. Returns
/// the operations.
std::vector<OpId> check_journal(engine::Store& store);

/// Checks what must hold of all rows: sums, serials, stock, lists.
void check_rows(engine::Store& store);

}  // namespace stardrop::testing
