// How money is shown in answers: a decimal string with its currency.
#pragma once

#include <string>
#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/json_writer.h"
#include "base/money.h"
#include "ledger/account.h"
#include "ledger/transfer.h"

namespace stardrop::market {

/// An exact amount: `{"currency":"XTR","amount":"249.15"}`.
struct Money {
  Currency currency = Currency::XTR;
  std::string amount;

  static Money of(Stars stars) { return {Currency::XTR, stars.text()}; }
  static Money of(Currency currency, std::int64_t units) {
    return {currency,
            currency == Currency::XTR ? Stars::units(units).text() : Grams::units(units).text()};
  }

  static constexpr auto fields() {
    return std::tuple(field("currency", &Money::currency, "XTR (Stars) or TON (Grams)."),
                      field("amount", &Money::amount, "Decimal text, exact.").like("249.15"));
  }
};

/// One currency's balance: `available = posted − held`.
struct Balance {
  std::string posted;
  std::string held;
  std::string available;

  static constexpr auto fields() {
    return std::tuple(field("posted", &Balance::posted, "Everything the account owns."),
                      field("held", &Balance::held, "The part set aside by holds."),
                      field("available", &Balance::available, "What it can spend."));
  }
};

/// An account's balances by currency.
struct Balances {
  Balance XTR;
  Balance TON;

  static Balances of(const ledger::Account& account) {
    return {
        {account.posted.text(), account.held.text(), account.available().text()},
        {account.grams_posted.text(), account.grams_held.text(), account.grams_available().text()}};
  }

  static constexpr auto fields() {
    return std::tuple(field("XTR", &Balances::XTR, "Stars."),
                      field("TON", &Balances::TON, "Grams."));
  }
};

}  // namespace stardrop::market
