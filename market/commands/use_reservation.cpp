// Buys the gift that was kept.
#include "market/commands/use_reservation.h"

#include "market/money_view.h"
#include "market/rules/payment.h"
#include "market/rules/reserving.h"
#include "market/rules/sale.h"

namespace stardrop::market {
namespace {

/// Whether a payment made elsewhere may be booked for this buyer.
Status check_payment(const Context& context, const PaymentMade& payment) {
  STARDROP_TRY(context.not_for_users());
  if (context.settings().stars_purchase_blocked) {
    return Error(ErrorCode::forbidden).with("reason", std::string("stars_purchase_blocked"));
  }
  if (payment.account.owed.is_positive()) {
    return Error(ErrorCode::account_in_debt).with("owed", payment.account.owed.text());
  }
  if (parked_reversal(context, payment).is_positive()) return ErrorCode::already_reversed;
  return done();
}

}  // namespace

Status UseReservation::validate(const RuleSettings& settings) const {
  STARDROP_TRY(check_gift_request(settings, text, entities));
  if (provider.empty() != reference.empty()) {
    return Error(ErrorCode::invalid_value)
        .param(provider.empty() ? "provider" : "reference")
        .detail("A payment is known by provider and reference.");
  }
  return done();
}

void UseReservation::seal(Sealer& sealer, OpId) { seal_words(sealer, from, text, entities, words); }

void UseReservation::prefetch(Prefetch& rows) const {
  rows.want<ledger::Account>(from);
  rows.want<ledger::Account>(to);
  ledger::Book::prefetch(rows, from, ledger::kHouse);
  if (!provider.empty()) prefetch_payment(rows, from, provider, reference);
  prefetch_reservation(rows, reservation);
}

Result<UseReservation::Reply> UseReservation::apply(Context& context) const {
  // Refused as a whole before anything of the reservation is told.
  const auto kept = context.find<ledger::Reservation>(reservation);
  if (!kept || kept->account != from || !context.any_own_account(from)) {
    return ErrorCode::reservation_not_found;
  }
  STARDROP_TRY_ASSIGN(const ledger::Account buyer, context.own_account(from));
  STARDROP_TRY(check_buyer(buyer));
  STARDROP_TRY(own_reservation(context, reservation));
  STARDROP_TRY_ASSIGN(const ledger::Account owner, context.receiver(to));
  const ledger::Edition edition = *context.find<ledger::Edition>(kept->edition);
  STARDROP_TRY(check_receiver(edition, owner));
  STARDROP_TRY(context.stock.is_eligible(edition, buyer));
  STARDROP_TRY(check_price(edition, max_price));
  TopUpId payment;
  if (provider.empty()) {
    STARDROP_TRY(ledger::Book::can_pay(buyer, Currency::XTR, edition.stars.units()));
  } else {
    const PaymentMade made{buyer, edition.stars, provider, reference, reversible_until};
    STARDROP_TRY(check_payment(context, made));
    STARDROP_TRY_ASSIGN(const ledger::TopUp booked, book_payment(context, made));
    payment = booked.id;
  }

  // From here on the command succeeds.
  const std::int64_t serial = context.stock.sell(edition, from, true);
  STARDROP_TRY_ASSIGN(const Sold sold,
                      hand_over(context, {edition, from, to, serial, hide_name, words, payment}));
  ledger::Reservation used = *kept;
  used.gift = sold.gift;
  close_reservation(context, std::move(used), ledger::ReservationState::used);
  return Reply{sold.gift,     edition.id, serial, edition.stars, payment, sold.reversible_until,
               sold.available};
}

void UseReservation::answer(JsonWriter& out, const Reply& reply) const {
  out.key("id").value(reply.gift);
  out.key("edition").value(reply.edition);
  out.key("owner").value(to);
  out.key("from").value(from);
  out.key("serial");
  if (reply.serial > 0) {
    out.integer(reply.serial);
  } else {
    out.null();
  }
  out.key("paid").value(Money::of(reply.paid));
  out.key("hide_name").boolean(hide_name);
  out.key("reservation").value(reservation);
  out.key("top_up").value(reply.top_up);
  out.key("reversible_until").value(reply.reversible_until);
  out.key("available").value(Money::of(reply.available));
}

}  // namespace stardrop::market
