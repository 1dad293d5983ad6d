// Sales, reservations and returns of limited supply.
#include "ledger/stock.h"

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

std::int64_t Stock::sell(const Edition& edition, AccountId buyer, bool from_reservation) {
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
    STARDROP_ASSERT(changed.left() >= 0, "no gift is sold that isn't there");
    if (changed.serials_free > 0) {
      tables_.free_serials.walk({edition.id.value(), 0}, stamp_, [&](const FreeSerial& lowest) {
        serial = lowest.serial;
        return false;
      });
      tables_.free_serials.erase({edition.id.value(), serial});
      --changed.serials_free;
    } else {
      serial = ++changed.serials_used;
    }
    if (changed.sold == *changed.supply && !changed.sold_out_at.is_set()) {
      changed.sold_out_at = now_;
    }
  }
  tables_.editions.put(std::move(changed));
  count(edition, buyer, 1, from_reservation ? -1 : 0);
  return serial;
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
  STARDROP_ASSERT(!changed.limited() || changed.left() >= 0, "no gift is kept that isn't there");
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
