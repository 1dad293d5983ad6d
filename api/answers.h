// What the answers to commands look like where they aren't the bare replies: the documents are made
// of these. That they tell the truth is checked against a running server (tests/openapi).
#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "api/views.h"
#include "market/commands/all.h"

namespace stardrop::api {

/// A gift as its purchase answers it.
struct GiftBought {
  GiftId id;
  EditionId edition;
  AccountId owner;
  AccountId from;
  std::optional<std::int64_t> serial;
  market::Money paid;
  bool hide_name = false;
  Instant reversible_until;
  market::Money available;

  static constexpr auto fields() {
    using A = GiftBought;
    return std::tuple(
        field("id", &A::id, "The gift."), field("edition", &A::edition, "Its edition."),
        field("owner", &A::owner, "Who has it."), field("from", &A::from, "Who paid."),
        field("serial", &A::serial, "Its number in order of sale; null if unlimited."),
        field("paid", &A::paid, "What it cost."),
        field("hide_name", &A::hide_name, "Whether only the owner sees who gave it."),
        field("reversible_until", &A::reversible_until,
              "Until when a payment behind it can be taken back; null if it is final."),
        field("available", &A::available, "What the buyer has left."));
  }
};

/// The same of a gift that was kept for a checkout.
struct ReservedGiftBought : GiftBought {
  ReservationId reservation;
  TopUpId top_up;

  static constexpr auto fields() {
    using A = ReservedGiftBought;
    return std::tuple_cat(
        GiftBought::fields(),
        std::tuple(
            field("reservation", &A::reservation, "The reservation that was used."),
            field("top_up", &A::top_up, "The payment made elsewhere; null if there was none.")));
  }
};

/// A new account.
struct AccountOpened {
  AccountId id;
  ledger::AccountKind kind = ledger::AccountKind::user;
  std::string name;
  bool premium = false;
  market::Balances balances;

  static constexpr auto fields() {
    using A = AccountOpened;
    return std::tuple(field("id", &A::id, "The account."), field("kind", &A::kind, "Whose it is."),
                      field("name", &A::name, "What it is called."),
                      field("premium", &A::premium, "Whether it may buy premium-only editions."),
                      field("balances", &A::balances, "By currency."));
  }
};

/// A new key, with the only sight of its secret.
struct KeyMade : KeyFacts {
  std::string secret;

  static constexpr auto fields() {
    return std::tuple_cat(
        KeyFacts::fields(),
        std::tuple(field("secret", &KeyMade::secret, "What to send as `Authorization: Bearer`.")));
  }
};

/// The type of a command's answer.
template <class Command>
struct AnswerOf {
  using Type = typename Command::Reply;
};
template <>
struct AnswerOf<market::SendGift> {
  using Type = GiftBought;
};
template <>
struct AnswerOf<market::UseReservation> {
  using Type = ReservedGiftBought;
};
template <>
struct AnswerOf<market::CreateAccount> {
  using Type = AccountOpened;
};
template <>
struct AnswerOf<market::CreateKey> {
  using Type = KeyMade;
};
template <>
struct AnswerOf<market::CreateEdition> {
  using Type = EditionView;
};

}  // namespace stardrop::api
