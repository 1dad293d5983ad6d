// Booking payments and their reversals.
#include "market/rules/payment.h"

#include <algorithm>

namespace stardrop::market {

using ledger::Payment;
using ledger::TopUpState;

void prefetch_payment(Prefetch& rows,
                      AccountId account,
                      const std::string& provider,
                      const std::string& reference) {
  rows.want<Payment>(ledger::payment_key(provider, reference));
  ledger::Book::prefetch_lots(rows, account);
}

Stars parked_reversal(const Context& context, const PaymentMade& payment) {
  const auto known =
      context.find<Payment>(ledger::payment_key(payment.provider, payment.reference));
  if (!known || known->top_up.is_set()) return {};
  // What an app says counts for its own accounts alone.
  const AccountId by = known->parked_by;
  if (by.is_set() && by != payment.account.app && by != payment.account.id) return {};
  return std::min(known->parked, payment.stars);
}

Result<ledger::TopUp> book_payment(Context& context, const PaymentMade& payment) {
  const PairKey key = ledger::payment_key(payment.provider, payment.reference);
  const auto known = context.find<Payment>(key);
  if (known && known->top_up.is_set()) {
    return Error(ErrorCode::reference_used).with("top_up", known->top_up.text());
  }
  const Stars parked = parked_reversal(context, payment);
  ledger::TopUp row;
  row.id = context.next_id<TopUpId>();
  row.account = payment.account.id;
  row.stars = payment.stars;
  row.provider = payment.provider;
  row.reference = payment.reference;
  row.reversible_until =
      payment.reversible_until > context.now ? payment.reversible_until : Instant();
  STARDROP_TRY(context.book.top_up(row.account, row.stars, row.id, row.reversible_until));

  // From here on it succeeds.
  context.put(Payment{key.first, key.second, row.id, Stars(), AccountId()});
  context.emit(
      {.kind = EventKind::stars_topped_up, .account = row.account, .stars = payment.stars});
  context.put(row);
  if (!parked.is_positive()) return row;
  STARDROP_TRY(reverse_payment(context, row, parked));
  return *context.find<ledger::TopUp>(row.id);
}

Result<Reversal> reverse_payment(Context& context, ledger::TopUp row, std::optional<Stars> stars) {
  Reversal out;
  out.account = row.account;
  out.state = row.state;
  const Stars left = Stars::units(row.stars.units() - row.reversed.units());
  if (left.is_zero() && stars.value_or(row.stars) == row.stars) {
    out.already = true;
    return out;
  }
  const Stars wanted = stars.value_or(left);
  if (wanted > left) {
    return Error(ErrorCode::reversal_exceeds)
        .param("stars")
        .with("paid", row.stars.text())
        .with("reversed", row.reversed.text())
        .with("left", left.text());
  }

  // From here on it succeeds.
  out.reversed = wanted;
  out.owed = context.book.take_back(row.account, wanted, row.id);
  out.recovered = Stars::units(wanted.units() - out.owed.units());
  row.reversed = Stars::units(row.reversed.units() + wanted.units());
  row.state = row.reversed == row.stars ? TopUpState::reversed : TopUpState::partly_reversed;
  out.state = row.state;
  context.emit({.kind = EventKind::top_up_reversed, .account = row.account, .stars = wanted});
  context.put(std::move(row));
  return out;
}

}  // namespace stardrop::market
