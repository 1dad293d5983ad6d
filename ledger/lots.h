// Lots: which of an account's Stars came from payments that can still be taken back.
#pragma once

#include <string_view>
#include <tuple>
#include <vector>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/table.h"
#include "base/time.h"

namespace stardrop::ledger {

/// Most lots of one account that are not final yet. More top-ups wait until some are.
inline constexpr std::size_t kLotsMax = 64;

/// Stars of one payment that can be taken back until a moment.
struct Lot {
  TopUpId top_up;
  Stars stars;
  Instant reversible_until;
  friend bool operator==(const Lot&, const Lot&) = default;

  static constexpr auto fields() {
    return std::tuple(field("top_up", &Lot::top_up, "The payment they came from."),
                      field("stars", &Lot::stars, "How many are left of it here."),
                      field("reversible_until", &Lot::reversible_until, "When they become final."));
  }
};

/// The lots of one account that are not final. Everything else the account has is final.
///
/// Spending takes final Stars first, then the lot that becomes final soonest. When Stars of a lot
/// reach another account, the lot goes with them: a gift can't launder a payment.
struct Lots {
  using Key = AccountId;
  static constexpr std::string_view kTable = "lots";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  AccountId account;
  std::vector<Lot> open;  // by reversible_until, then top_up

  AccountId key() const { return account; }

  /// Drops lots that are final at `now`; returns how many Stars became final.
  Stars mature(Instant now);
  /// Adds Stars of a lot, joined with what is here of the same payment. Where there is no room for
  /// another, it is joined with one that becomes final no sooner: nobody's wait gets shorter.
  void add(Lot lot);
  /// Takes `stars` of the lots, soonest final first. The sum of the lots covers it.
  std::vector<Lot> take(Stars stars);
  /// Takes up to `stars` of the lot of `top_up`; 0 Stars if there is none.
  Lot take_from(TopUpId top_up, Stars stars);

  static constexpr auto fields() {
    return std::tuple(field("account", &Lots::account, "The account."),
                      field("open", &Lots::open, "Its lots that are not final."));
  }
};

}  // namespace stardrop::ledger
