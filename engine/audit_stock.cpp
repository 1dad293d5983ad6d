// The audit's rows that are about supply: editions, gifts, reservations, waiting lists, timers.
#include "engine/audit_equations.h"
#include "engine/audit_rows.h"

namespace stardrop::engine {
namespace {

auto serial_name(EditionId edition, std::int64_t serial) {
  return [edition, serial] { return edition.text() + " #" + std::to_string(serial); };
}

std::uint64_t item(EditionId edition) { return static_cast<std::uint64_t>(edition.value()); }

}  // namespace

void RowAudit::look(const ledger::Edition& row) {
  const auto name = named(row.id);
  editions_[row.id.value()] = {row.per_account.has_value(), !row.limited(), row.waitlist_last};
  sums_->sold.left(item(row.id), row.sold, name);
  sums_->reserved.left(item(row.id), row.reserved, name);
  sums_->free_serials.left(item(row.id), row.serials_free, name);
  sums_->waiting.left(item(row.id), row.waiting, name);
  const PairKey slug = ledger::slug_key(row.slug);
  sums_->slugs.left(item_of(slug.first, slug.second, row.id.value()), 1, name);
  look_at_serials(row);
  if (naming_) return;
  ++report_.checked.editions;
  constexpr std::string_view kName = "stock_adds_up";
  sums_->leased.left(item(row.id), row.leased, name);
  require(row.sold >= 0 && row.reserved >= 0 && row.serials_free >= 0, kName, name,
          "Less than nothing was sold, is reserved or came back.");
  require(!row.limited() || row.unleased() >= 0, kName, name,
          "More is sold, reserved and leased than there is.");
  require(!row.limited() || row.serials_used <= *row.supply, kName, name,
          "A serial number is above the supply.");
  require(!row.limited() || row.serials_used - row.serials_free == row.sold + row.leased, kName,
          name, "Serial numbers given and not free are not as many as gifts sold and leased.");
  require(row.first_sale_at.is_set() == row.last_sale_at.is_set() &&
              row.first_sale_at <= row.last_sale_at,
          kName, name, "The first sale is after the last.");
  require(row.waiting >= 0 && row.waiting <= row.waitlist_last, "waitlists_match", name,
          "More wait than ever came.");
}

void RowAudit::look_at_serials(const ledger::Edition& row) {
  if (!row.limited()) {
    sums_->serials.right(item_of(row.id.value(), 0), row.sold, serial_name(row.id, 0));
    return;
  }
  for (std::int64_t serial = 1; serial <= row.serials_used; ++serial) {
    sums_->serials.right(item_of(row.id.value(), serial), 1, serial_name(row.id, serial));
  }
}

void RowAudit::look(const ledger::StockSlice& row) {
  const auto name = named(row.edition);
  sums_->leased.right(item(row.edition), row.size(), name);
  sums_->sold.left(item(row.edition), row.sold(), name);
  const bool unlimited = editions_[row.edition.value()].unlimited;
  if (unlimited) {
    sums_->serials.right(item_of(row.edition.value(), 0), row.sold(), serial_name(row.edition, 0));
  } else {
    for (std::int64_t serial = row.next; serial <= row.last; ++serial) {
      sums_->serials.left(item_of(row.edition.value(), serial), 1,
                          serial_name(row.edition, serial));
    }
  }
  if (naming_) return;
  require(row.sold() >= 0 && row.unsold() >= 0, "stock_adds_up", name,
          "A slice has sold more than it had, or less than nothing.");
}

void RowAudit::look(const ledger::EditionSlug& row) {
  sums_->slugs.right(item_of(row.digest_high, row.digest_low, row.edition.value()), 1,
                     named(row.edition));
}

void RowAudit::look(const ledger::Tally& row) {
  const std::uint64_t key = item_of(row.edition.value(), row.account.value());
  const auto name = named(row.edition, row.account);
  if (!editions_[row.edition.value()].capped) return;
  sums_->bought.left(key, row.bought, name);
  sums_->tally_reserved.left(key, row.reserved, name);
  require(row.bought >= 0 && row.reserved >= 0, "tallies_match", name, "Less than nothing.");
}

void RowAudit::look(const ledger::FreeSerial& row) {
  sums_->free_serials.right(item(row.edition), 1, named(row.edition));
  sums_->serials.left(item_of(row.edition.value(), row.serial), 1,
                      serial_name(row.edition, row.serial));
}

void RowAudit::look(const ledger::Reservation& row) {
  const auto name = named(row.id);
  if (row.state == ledger::ReservationState::open) {
    sums_->reserved.right(item(row.edition), 1, named(row.edition));
    if (editions_[row.edition.value()].capped) {
      sums_->tally_reserved.right(item_of(row.edition.value(), row.account.value()), 1,
                                  named(row.edition, row.account));
    }
    sums_->open_reservations.left(item_of(row.account.value(), row.id.value()), 1, name);
    sums_->timers.left(
        item_of(ledger::TimerKind::expire_reservation, row.id.value(), row.expires_at.us), 1, name);
  }
  if (naming_) return;
  ++report_.checked.reservations;
  require(row.gift.is_set() == (row.state == ledger::ReservationState::used), "reservations_match",
          name, "A reservation has a gift exactly when it was used.");
}

void RowAudit::look(const ledger::OpenReservation& row) {
  sums_->open_reservations.right(item_of(row.account.value(), row.reservation.value()), 1,
                                 named(row.reservation));
}

void RowAudit::look(const ledger::WaitlistPlace& row) {
  const auto name = named(row.edition, row.account);
  sums_->waiting.right(item(row.edition), 1, named(row.edition));
  sums_->places.left(item_of(row.edition.value(), row.account.value(), row.position), 1, name);
  if (naming_) return;
  ++report_.checked.waitlist_places;
  require(row.position >= 1 && row.position <= editions_[row.edition.value()].waitlist_last,
          "waitlists_match", name, "Nobody was ever given this position.");
}

void RowAudit::look(const ledger::WaitlistMember& row) {
  sums_->places.right(item_of(row.edition.value(), row.account.value(), row.position), 1,
                      named(row.edition, row.account));
}

void RowAudit::look(const ledger::Timer& row) {
  const auto name = [&row] { return std::string(name_of(row.kind)) + ' ' + rfc3339(row.due); };
  sums_->timers.right(item_of(row.kind, row.subject, row.due.us), 1, name);
  if (!naming_) ++report_.checked.timers;
}

void RowAudit::look(const market::Gift& row) {
  const auto name = named(row.id);
  const bool counts = row.state != market::GiftState::refunded;
  const std::int64_t owner = row.owner.value();
  sums_->gift_counts.right(static_cast<std::uint64_t>(owner), 1, named(row.owner));
  sums_->gift_lists.right(item_of(owner, row.id.value()), 1, named(row.owner, row.id));
  if (row.older.is_set()) {
    sums_->gift_lists.left(item_of(owner, row.older.value()), 1, named(row.owner, row.older));
    require(row.older < row.id, "gift_lists", name, "The older gift is not older.");
  }
  sums_->gift_payments.left(
      item_of(row.transfer.value(), row.id.value(), row.from.value(), row.paid.units(), !counts), 1,
      name);
  if (counts) {
    sums_->sold.right(item(row.edition), 1, named(row.edition));
    sums_->serials.left(item_of(row.edition.value(), row.serial), 1,
                        serial_name(row.edition, row.serial));
    if (editions_[row.edition.value()].capped) {
      sums_->bought.right(item_of(row.edition.value(), row.from.value()), 1,
                          named(row.edition, row.from));
    }
  }
  if (row.has_text) sums_->texts.left(item_of(row.id.value(), row.from.value()), 1, name);
  if (!naming_) ++report_.checked.gifts;
}

void RowAudit::look(const market::GiftText& row) {
  sums_->texts.right(item_of(row.gift.value(), row.author.value()), 1, named(row.gift));
}

}  // namespace stardrop::engine
