// What must add up across tables: one equation each.
#pragma once

#include <cstdint>
#include <string>

#include "base/id.h"
#include "engine/equation.h"

namespace stardrop::engine {

/// The text of an id, made only when it is needed.
template <class Kind>
auto named(Kind id) {
  return [id] { return id.text(); };
}

/// Two ids, such as an account in an edition.
template <class One, class Other>
auto named(One one, Other other) {
  return [one, other] { return one.text() + ' ' + other.text(); };
}

/// The equations of an audit, by name.
struct Equations {
  explicit Equations(std::uint64_t salt) noexcept : salt_(salt) {}

  template <class Visit>
  void for_each(Visit&& visit) {
    for (Equation* const each : {&stars,         &grams,
                                 &held,          &grams_held,
                                 &reversible,    &transfer_lists,
                                 &gift_lists,    &gift_counts,
                                 &gift_payments, &refunds,
                                 &top_ups,       &reversals,
                                 &payments,      &captures,
                                 &sold,          &reserved,
                                 &serials,       &free_serials,
                                 &bought,        &tally_reserved,
                                 &slugs,         &timers,
                                 &places,        &waiting,
                                 &texts,         &open_reservations,
                                 &leased}) {
      visit(*each);
    }
  }

 private:
  std::uint64_t salt_;

 public:
  // By account.
  Equation stars{"balances_match_transfers", "posted Stars", "its transfers", salt_};
  Equation grams{"balances_match_transfers", "posted Grams", "its transfers", salt_ + 1};
  Equation held{"holds_match", "held Stars", "its open holds", salt_};
  Equation grams_held{"holds_match", "held Grams", "its open holds", salt_ + 1};
  Equation reversible{"lots_match", "reversible Stars", "its lots", salt_};
  Equation gift_counts{"gift_lists", "counted gifts", "its gifts", salt_};
  // By (account, row): whether each row is pointed at once, by the next newer one or as the newest.
  Equation transfer_lists{"transfer_lists", "times it is on a list", "times it touches", salt_};
  Equation gift_lists{"gift_lists", "times it is on a list", "times it is owned", salt_ + 1};
  // By everything two rows must agree on.
  Equation gift_payments{"gifts_are_paid", "gifts", "payments of just this", salt_};
  Equation refunds{"refunds_match", "transfers marked refunded", "transfers that refund", salt_};
  Equation top_ups{"top_ups_match", "top-ups", "transfers of just this", salt_};
  Equation payments{"payments_match", "top-ups", "payments known", salt_};
  Equation slugs{"slugs_match", "editions", "slugs taken", salt_};
  Equation timers{"timers_match", "what will be due", "timers", salt_};
  Equation places{"waitlists_match", "places", "members", salt_};
  Equation texts{"texts_match", "gifts that have words", "words", salt_};
  Equation open_reservations{"reservations_match", "open reservations", "listed ones", salt_};
  // By top-up and by hold.
  Equation reversals{"reversals_match", "reversed Stars", "transfers that reverse", salt_};
  Equation captures{"captures_match", "captured", "transfers", salt_};
  // By edition, by (edition, serial), by (edition, account).
  Equation sold{"stock_adds_up", "sold", "gifts not refunded", salt_};
  Equation reserved{"stock_adds_up", "reserved", "open reservations", salt_ + 1};
  Equation leased{"stock_adds_up", "leased", "in slices", salt_ + 3};
  Equation serials{"serials_are_given_once", "times given or free", "times it may be", salt_};
  Equation free_serials{"stock_adds_up", "serials free", "free serials", salt_ + 2};
  Equation bought{"tallies_match", "tally bought", "gifts bought", salt_};
  Equation tally_reserved{"tallies_match", "tally reserved", "open reservations", salt_ + 1};
  Equation waiting{"waitlists_match", "waiting", "places", salt_ + 1};
};

}  // namespace stardrop::engine
