// State: one table per row type; the whole world a command can see.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "base/table.h"
#include "base/type_list.h"
#include "ledger/access_key.h"
#include "ledger/account.h"
#include "ledger/edition.h"
#include "ledger/funding.h"
#include "ledger/hold.h"
#include "ledger/lots.h"
#include "ledger/personal.h"
#include "ledger/reservation.h"
#include "ledger/stock_slice.h"
#include "ledger/timer.h"
#include "ledger/top_up.h"
#include "ledger/transfer.h"
#include "ledger/waitlist.h"
#include "market/gift.h"
#include "market/settings.h"

namespace stardrop::market {

/// THE list of row types. Stores go through it; none of them knows a row by name.
using AllRows = TypeList<RuleSettings,
                         ledger::AccessKey,
                         ledger::Account,
                         ledger::PersonalKey,
                         ledger::Profile,
                         ledger::Transfer,
                         ledger::Funding,
                         ledger::TopUp,
                         ledger::Payment,
                         ledger::Hold,
                         ledger::Lots,
                         ledger::Edition,
                         ledger::EditionSlug,
                         ledger::Tally,
                         ledger::FreeSerial,
                         ledger::StockSlice,
                         ledger::Reservation,
                         ledger::OpenReservation,
                         ledger::WaitlistPlace,
                         ledger::WaitlistMember,
                         ledger::Timer,
                         Gift,
                         GiftText>;

/// The first `limit` rows of a range, or of a whole table if the row type has none.
struct RangeWanted {
  std::int64_t first = 0;
  std::size_t limit = 0;
  friend auto operator<=>(const RangeWanted&, const RangeWanted&) = default;
};

/// Keys of one row type that are to be loaded.
template <class Row>
struct KeysOf {
  std::vector<typename Row::Key> list;
  std::vector<typename Row::Key> looks;  ///< those that nobody needs locked
  std::vector<RangeWanted> ranges;
};

/// Keys of every row type that are to be loaded.
class Keys {
 public:
  template <class Row>
  std::vector<typename Row::Key>& of() {
    return std::get<KeysOf<Row>>(lists_).list;
  }
  template <class Row>
  const std::vector<typename Row::Key>& of() const {
    return std::get<KeysOf<Row>>(lists_).list;
  }
  /// What is read but not locked, of resident rows: a single writer has them in memory.
  template <class Row>
  std::vector<typename Row::Key>& looks_of() {
    return std::get<KeysOf<Row>>(lists_).looks;
  }
  template <class Row>
  const std::vector<typename Row::Key>& looks_of() const {
    return std::get<KeysOf<Row>>(lists_).looks;
  }
  /// Only of stores with several writers: a single one has every range in memory.
  template <class Row>
  std::vector<RangeWanted>& ranges_of() {
    return std::get<KeysOf<Row>>(lists_).ranges;
  }
  template <class Row>
  const std::vector<RangeWanted>& ranges_of() const {
    return std::get<KeysOf<Row>>(lists_).ranges;
  }
  void add_one() noexcept { ++count_; }
  bool empty() const noexcept { return count_ == 0; }
  void clear() {
    AllRows::for_each([this]<class Row>(std::type_identity<Row>) {
      of<Row>().clear();
      looks_of<Row>().clear();
      ranges_of<Row>().clear();
    });
    count_ = 0;
  }

 private:
  AllRows::Apply<std::tuple, KeysOf> lists_;
  std::size_t count_ = 0;
};

/// The range a walk from `key` goes through: 0 for a row type without ranges.
template <class Row>
std::int64_t range_of(const typename Row::Key& key) {
  if constexpr (RangedRow<Row>) {
    return key.first;
  } else {
    return 0;
  }
}

/// The tables.
class State {
 public:
  template <class Row>
  Table<Row>& table() {
    return std::get<Table<Row>>(tables_);
  }
  template <class Row>
  const Table<Row>& table() const {
    return std::get<Table<Row>>(tables_);
  }
  /// Calls `visit(table)` for each table, in the order of the list.
  template <class Visit>
  void for_each_table(Visit&& visit) {
    AllRows::for_each([&]<class Row>(std::type_identity<Row>) { visit(table<Row>()); });
  }
  template <class Visit>
  void for_each_table(Visit&& visit) const {
    AllRows::for_each([&]<class Row>(std::type_identity<Row>) { visit(table<Row>()); });
  }

 private:
  AllRows::Apply<std::tuple, Table> tables_;
};

}  // namespace stardrop::market
