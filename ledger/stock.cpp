// Sales, reservations, returns and slices of limited supply.
#include "ledger/stock.h"

#include <algorithm>

#include "base/check.h"
#include "ledger/ids.h"

namespace stardrop::ledger {

Instant opens_for(const Edition& edition, const Account& buyer) {
  if (!edition.early_opens_at.is_set()) return edition.sale_opens_at;
  const Instant made{made_ms(buyer.id) * 1000};
  const Instant old_enough = made.plus(Duration::seconds(edition.early_account_age_s));
  const Instant early = std::max(edition.early_opens_at, old_enough);
  return std::min(early, edition.sale_opens_at);
}

Edition with_slices(Edition edition, std::span<const StockSlice> slices) {
  if (edition.leased == 0) return edition;
  // What a reader knows of slices may be older than what it knows of the edition.
  std::int64_t most = edition.limited() ? edition.leased - 1 : edition.leased;
  edition.leased = 0;
  for (const StockSlice& slice : slices) {
    if (slice.sold() == 0) continue;
    const std::int64_t sold = std::min(slice.sold(), most);
    most -= sold;
    edition.sold += sold;
    edition.version += sold;
    edition.last_sale_at = std::max(edition.last_sale_at, slice.last_sale_at);
    const bool earlier =
        !edition.first_sale_at.is_set() || slice.first_sale_at < edition.first_sale_at;
    if (earlier) edition.first_sale_at = slice.first_sale_at;
  }
  return edition;
}

Error sold_out_error(const Edition& edition) {
  Error error = Error(ErrorCode::sold_out)
                    .with("edition", edition.id.text())
                    .with("supply", edition.supply.value_or(0))
                    .with("sold", edition.sold)
                    .with("reserved", edition.reserved);
  // All may be reserved before the first is sold.
  if (!edition.first_sale_at.is_set()) return error;
  return std::move(error)
      .with("first_sale_at", rfc3339(edition.first_sale_at))
      .with("last_sale_at", rfc3339(edition.last_sale_at));
}

Status Stock::may_enter(const Edition& edition, const Account& buyer) const {
  const Instant opens = opens_for(edition, buyer);
  if (opens.is_set() && now_ < opens) {
    return Error(ErrorCode::sale_not_open).with("available_at", rfc3339(opens));
  }
  if (edition.sale_ends_at.is_set() && now_ >= edition.sale_ends_at) {
    return Error(ErrorCode::sale_ended).with("ended_at", rfc3339(edition.sale_ends_at));
  }
  return is_eligible(edition, buyer);
}

Status Stock::is_eligible(const Edition& edition, const Account& buyer) const {
  if (edition.premium_only && !buyer.premium) return ErrorCode::premium_required;
  if (edition.account_age_s > 0) {
    const Instant made{made_ms(buyer.id) * 1000};
    const Instant old_enough = made.plus(Duration::seconds(edition.account_age_s));
    if (now_ < old_enough) {
      return Error(ErrorCode::account_too_new).with("available_at", rfc3339(old_enough));
    }
  }
  return done();
}

Status Stock::can_take(const Edition& edition, AccountId buyer) const {
  if (edition.sold_out()) return sold_out_error(edition);
  return is_below_cap(edition, buyer);
}

Status Stock::is_below_cap(const Edition& edition, AccountId buyer) const {
  if (edition.per_account) {
    const auto tally = tables_.tallies.find({edition.id.value(), buyer.value()}, stamp_);
    const std::int64_t taken = tally ? tally->bought + tally->reserved : 0;
    if (taken >= *edition.per_account) {
      return Error(ErrorCode::account_limit_reached)
          .with("per_account", *edition.per_account)
          .with("bought", tally->bought)
          .with("reserved", tally->reserved);
    }
  }
  return done();
}

void Stock::count(const Edition& edition,
                  AccountId account,
                  std::int64_t bought,
                  std::int64_t reserved) {
  if (!edition.per_account) return;
  const PairKey key{edition.id.value(), account.value()};
  Tally tally = tables_.tallies.find(key, stamp_).value_or(Tally{edition.id, account, 0, 0});
  tally.bought += bought;
  tally.reserved += reserved;
  STARDROP_ASSERT(tally.bought >= 0 && tally.reserved >= 0, "a tally counts what is there");
  tables_.tallies.put(tally);
}

std::int64_t Stock::next_serial(Edition& edition) {
  if (edition.serials_free == 0) return ++edition.serials_used;
  std::int64_t serial = 0;
  tables_.free_serials.walk({edition.id.value(), 0}, stamp_, [&](const FreeSerial& lowest) {
    serial = lowest.serial;
    return false;
  });
  tables_.free_serials.erase({edition.id.value(), serial});
  --edition.serials_free;
  return serial;
}

std::int64_t Stock::sell(const Edition& edition, AccountId buyer, bool from_reservation) {
  count(edition, buyer, 1, from_reservation ? -1 : 0);
  if (!from_reservation) {
    auto own = tables_.slices.find({edition.id.value(), lane_}, stamp_);
    if (own && own->unsold() > 0) {
      const std::int64_t serial = own->next++;
      own->last_sale_at = now_;
      if (!own->first_sale_at.is_set()) own->first_sale_at = now_;
      tables_.slices.put(*own);
      return edition.limited() ? serial : 0;
    }
  }
  Edition changed = edition;
  ++changed.version;
  ++changed.sold;
  changed.last_sale_at = now_;
  if (!changed.first_sale_at.is_set()) changed.first_sale_at = now_;
  if (from_reservation) {
    STARDROP_ASSERT(changed.reserved > 0, "a reservation keeps stock");
    --changed.reserved;
  }
  std::int64_t serial = 0;
  if (changed.limited()) {
    STARDROP_ASSERT(changed.unleased() >= 0, "no gift is sold that isn't there");
    serial = next_serial(changed);
    if (changed.sold == *changed.supply && !changed.sold_out_at.is_set()) {
      changed.sold_out_at = now_;
    }
  }
  tables_.editions.put(std::move(changed));
  return serial;
}

std::int64_t Stock::slice_size(const Edition& edition, std::int64_t nodes, std::int64_t least) {
  if (!edition.limited()) return kSliceMax;
  // Half of what is left, in equal parts: slices become smaller towards the end, so that little has
  // to be called in. Reserved gifts need numbers, too.
  const std::int64_t size = std::min({edition.unleased() / (2 * std::max<std::int64_t>(nodes, 1)),
                                      kSliceMax, *edition.supply - edition.serials_used});
  return size >= 2 * least ? size : 0;
}

StockSlice Stock::lease(const Edition& edition, std::int64_t lane, std::int64_t size) {
  Edition changed = edition;
  ++changed.version;
  changed.leased += size;
  StockSlice slice;
  slice.edition = edition.id;
  slice.lane = lane;
  if (changed.limited()) {
    STARDROP_ASSERT(changed.unleased() >= 0, "no gift is leased that isn't there");
    slice.first = slice.next = changed.serials_used + 1;
    changed.serials_used += size;
  }
  slice.last = slice.first + size - 1;
  tables_.editions.put(std::move(changed));
  tables_.slices.put(slice);
  return slice;
}

void Stock::settle(const StockSlice& slice, bool whole) {
  Edition changed = *tables_.editions.find(slice.edition, stamp_);
  StockSlice left = slice;
  changed.version += slice.sold() + 1;
  changed.sold += slice.sold();
  changed.leased -= slice.sold();
  left.first = left.next;
  if (slice.sold() > 0) {
    changed.last_sale_at = std::max(changed.last_sale_at, slice.last_sale_at);
    const bool earlier =
        !changed.first_sale_at.is_set() || slice.first_sale_at < changed.first_sale_at;
    if (earlier) changed.first_sale_at = slice.first_sale_at;
    left.first_sale_at = left.last_sale_at = Instant();
  }
  if (whole && left.unsold() > 0) {
    changed.leased -= left.unsold();
    if (changed.limited() && left.last == changed.serials_used) {
      changed.serials_used = left.next - 1;
    } else if (changed.limited()) {
      for (std::int64_t serial = left.next; serial <= left.last; ++serial) {
        tables_.free_serials.put({slice.edition, serial});
      }
      changed.serials_free += left.unsold();
    }
    left.last = left.next - 1;
  }
  STARDROP_ASSERT(changed.leased >= 0, "what a slice has was leased");
  if (changed.limited() && changed.sold == *changed.supply && !changed.sold_out_at.is_set()) {
    changed.sold_out_at = changed.last_sale_at;
  }
  tables_.editions.put(std::move(changed));
  if (left.unsold() > 0) {
    tables_.slices.put(left);
  } else {
    tables_.slices.erase(slice.key());
  }
}

void Stock::take_back(const Edition& edition, AccountId buyer, std::int64_t serial) {
  Edition changed = edition;
  ++changed.version;
  --changed.sold;
  if (changed.limited()) {
    ++changed.serials_free;
    tables_.free_serials.put({edition.id, serial});
  }
  tables_.editions.put(std::move(changed));
  count(edition, buyer, -1, 0);
}

void Stock::reserve(const Edition& edition, AccountId account) {
  Edition changed = edition;
  ++changed.version;
  ++changed.reserved;
  STARDROP_ASSERT(!changed.limited() || changed.unleased() >= 0,
                  "no gift is kept that isn't there");
  tables_.editions.put(std::move(changed));
  count(edition, account, 0, 1);
}

void Stock::end_reservation(const Edition& edition, AccountId account) {
  Edition changed = edition;
  ++changed.version;
  --changed.reserved;
  STARDROP_ASSERT(changed.reserved >= 0, "a reservation keeps stock");
  tables_.editions.put(std::move(changed));
  count(edition, account, 0, -1);
}

void Stock::reopen(const Edition& edition) {
  Edition changed = edition;
  ++changed.version;
  changed.sold_out_at = Instant();
  tables_.editions.put(std::move(changed));
}

std::int64_t Stock::wait(const Edition& edition) {
  Edition changed = edition;
  ++changed.version;
  ++changed.waiting;
  const std::int64_t position = ++changed.waitlist_last;
  tables_.editions.put(std::move(changed));
  return position;
}

void Stock::stop_waiting(const Edition& edition) {
  Edition changed = edition;
  ++changed.version;
  --changed.waiting;
  STARDROP_ASSERT(changed.waiting >= 0, "who leaves was counted");
  tables_.editions.put(std::move(changed));
}

}  // namespace stardrop::ledger
