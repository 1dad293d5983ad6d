// Payments made elsewhere: each counts once, whichever comes first, the payment or its reversal.
#pragma once

#include <optional>
#include <string>

#include "market/command.h"

namespace stardrop::market {

/// A payment as its provider reports it.
struct PaymentMade {
  const ledger::Account& account;
  Stars stars;
  const std::string& provider;
  const std::string& reference;
  Instant reversible_until;
};

/// Names the rows `book_payment` reads.
void prefetch_payment(Prefetch& rows,
                      AccountId account,
                      const std::string& provider,
                      const std::string& reference);

/// What of the payment was reported as taken back before the payment came.
Stars parked_reversal(const Context& context, const PaymentMade& payment);

/// Brings its Stars into circulation; what was reported as taken back before is taken back.
/// Refused with, in this order: reference_used, balance_limit_reached, too_many_lots.
Result<ledger::TopUp> book_payment(Context& context, const PaymentMade& payment);

/// What taking a payment back came to.
struct Reversal {
  AccountId account;
  ledger::TopUpState state = ledger::TopUpState::posted;
  Stars reversed;
  Stars recovered;
  Stars owed;
  bool already = false;
};

/// Takes back `stars`, or all that is left, of a top-up. A second full reversal finds nothing to
/// do and says so. Refused with reversal_exceeds.
Result<Reversal> reverse_payment(Context& context, ledger::TopUp row, std::optional<Stars> stars);

}  // namespace stardrop::market
