// The only code that changes what an edition has left.
//
// `sold + reserved + left = supply` always; serial numbers 1…supply are each given once, and one
// that comes back with a refund is given again before a new one.
//
// Several nodes that sell one edition would wait for each other at its row. So each may take a
// slice of the stock, and sells from that alone. Slices are settled (what was sold is counted)
// or called in (what was not sold returns) by whoever has the edition's row and theirs.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "base/time.h"
#include "ledger/account.h"
#include "ledger/edition.h"
#include "ledger/stock_slice.h"

namespace stardrop::ledger {

/// Works on tables whose rows the command has declared. Refuses before it writes.
class Stock {
 public:
  struct Tables {
    Table<Edition>& editions;
    Table<Tally>& tallies;
    Table<FreeSerial>& free_serials;
    Table<StockSlice>& slices;
  };

  /// `lane` is that of the node which carries the command out.
  Stock(Tables tables, std::uint32_t stamp, Instant now, std::int64_t lane) noexcept
      : tables_(tables), stamp_(stamp), now_(now), lane_(lane) {}

  /// Names the rows the functions below read. Returns the edition, or null.
  template <class Rows>
  static const Edition* prefetch(Rows& rows, EditionId edition, AccountId account) {
    const Edition* const found = rows.template want<Edition>(edition);
    if (found == nullptr) return nullptr;
    if (found->per_account) rows.template want<Tally>({edition.value(), account.value()});
    if (found->serials_free > 0) {
      rows.template walk<FreeSerial>({edition.value(), 0}, [](const FreeSerial&) { return false; });
    }
    return found;
  }
  /// For one that is sold or reserved: if slices have all there is, they are called in.
  template <class Rows>
  static void prefetch_one(Rows& rows, EditionId edition, AccountId account) {
    const Edition* const found = prefetch(rows, edition, account);
    if (found != nullptr && found->limited() && found->unleased() <= 0) call_in(rows, *found);
  }
  /// For a sale: from the node's own slice, as long as it has any.
  template <class Rows>
  static void prefetch_sale(Rows& rows, EditionId edition, AccountId buyer) {
    const auto* const own = rows.template want<StockSlice>({edition.value(), rows.lane});
    if (own == nullptr || own->unsold() <= 0) return prefetch_one(rows, edition, buyer);
    const Edition* const terms = rows.template look<Edition>(edition);
    if (terms != nullptr && terms->per_account) {
      rows.template want<Tally>({edition.value(), buyer.value()});
    }
  }
  /// For a change of terms: nobody sells by the old ones any more.
  template <class Rows>
  static void prefetch_terms(Rows& rows, EditionId edition) {
    const Edition* const found = rows.template want<Edition>(edition);
    if (found != nullptr) call_in(rows, *found);
  }
  /// For who must know how many are sold: slices are settled.
  template <class Rows>
  static void prefetch_counts(Rows& rows, const Edition& edition) {
    bool any = false;
    prefetch_slices(rows, edition, [&](const StockSlice& slice) { any = any || slice.sold() > 0; });
    if (any) rows.needs_slices(edition.id, false);
  }
  /// Names the slices of an edition that is locked; `visit(slice)` sees each.
  template <class Rows, class Visit>
  static void prefetch_slices(Rows& rows, const Edition& edition, Visit&& visit) {
    if (edition.leased == 0) return;
    std::vector<PairKey> keys;
    rows.template walk<StockSlice>({edition.id.value(), 0}, [&](const StockSlice& slice) {
      keys.push_back(slice.key());
      return true;
    });
    for (const PairKey& key : keys) {
      if (const auto* const slice = rows.template want<StockSlice>(key)) visit(*slice);
    }
  }

  /// Whether the sale is open to this buyer by its windows and eligibility.
  /// Refused with, in this order: sale_not_open, sale_ended, premium_required, account_too_new.
  Status may_enter(const Edition& edition, const Account& buyer) const;
  /// The second half of it. Refused with, in this order: premium_required, account_too_new.
  Status is_eligible(const Edition& edition, const Account& buyer) const;

  /// Whether there is one for this buyer. Refused with, in this order: sold_out (with the facts),
  /// account_limit_reached.
  Status can_take(const Edition& edition, AccountId buyer) const;
  /// The second half of it. Refused with account_limit_reached.
  Status is_below_cap(const Edition& edition, AccountId buyer) const;

  /// Sells one of what is left, or of what is reserved. Returns its serial number, 0 if unlimited.
  /// What is left is sold from the node's own slice if it has any.
  std::int64_t sell(const Edition& edition, AccountId buyer, bool from_reservation);
  /// A sale is undone: the gift is left again, its number free.
  void take_back(const Edition& edition, AccountId buyer, std::int64_t serial);

  /// Keeps one for an account.
  void reserve(const Edition& edition, AccountId account);
  /// A reservation ends unused: the gift is left again.
  void end_reservation(const Edition& edition, AccountId account);
  /// A sold-out edition is on sale again.
  void reopen(const Edition& edition);

  /// How many numbers the node of `lane` may take as a slice when it needs `least` of them at once
  /// and `nodes` are at work; 0 if so few are left that they are better sold one by one.
  static std::int64_t slice_size(const Edition& edition, std::int64_t nodes, std::int64_t least);
  /// Gives `size` numbers to `lane`, whose slice is settled and empty, or was never there.
  StockSlice lease(const Edition& edition, std::int64_t lane, std::int64_t size);
  /// Counts what was sold from a slice, and takes back what was not if `whole`. A slice that
  /// has nothing any more is removed.
  void settle(const StockSlice& slice, bool whole);

  /// Somebody joins the waiting list; returns the number of their place.
  std::int64_t wait(const Edition& edition);
  /// Somebody leaves it.
  void stop_waiting(const Edition& edition);

 private:
  template <class Rows>
  static void call_in(Rows& rows, const Edition& edition) {
    if (edition.leased == 0) return;
    prefetch_slices(rows, edition, [](const StockSlice&) {});
    rows.needs_slices(edition.id, true);
  }
  void count(const Edition& edition, AccountId account, std::int64_t bought, std::int64_t reserved);
  std::int64_t next_serial(Edition& edition);

  Tables tables_;
  std::uint32_t stamp_;
  Instant now_;
  std::int64_t lane_;
};

/// The edition with what its slices have sold counted in, as readers see it; none of it is leased
/// then. As long as there are slices it is never sold out: only its own row says that.
Edition with_slices(Edition edition, std::span<const StockSlice> slices);

/// Most numbers of one slice.
inline constexpr std::int64_t kSliceMax = 4096;

/// When `buyer` may begin to buy `edition`: earlier for older accounts if the edition says so.
Instant opens_for(const Edition& edition, const Account& buyer);

/// The refusal of a late buyer, with the facts that are the same for everybody.
Error sold_out_error(const Edition& edition);

}  // namespace stardrop::ledger
