// A top-up: Stars that came into circulation for an account, and the provider's name for it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <tuple>

#include "base/digest_key.h"
#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/table.h"
#include "base/time.h"

namespace stardrop::ledger {

/// Where a top-up stands.
enum class TopUpState : std::uint8_t { posted, partly_reversed, reversed };
constexpr auto enum_names(TopUpState) {
  return std::array<std::string_view, 3>{"posted", "partly_reversed", "reversed"};
}

/// A row of the table of top-ups.
struct TopUp {
  using Key = TopUpId;
  static constexpr std::string_view kTable = "top_ups";
  static constexpr WritePolicy kWrite = WritePolicy::append;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  TopUpId id;
  AccountId account;
  Stars stars;
  std::string provider;
  std::string reference;
  Instant reversible_until;
  TopUpState state = TopUpState::posted;
  Stars reversed;

  TopUpId key() const { return id; }

  static constexpr auto fields() {
    return std::tuple(
        field("id", &TopUp::id, "The top-up."),
        field("account", &TopUp::account, "Who got the Stars."),
        field("stars", &TopUp::stars, "How many."),
        field("provider", &TopUp::provider, "Who was paid, such as app_store or fragment."),
        field("reference", &TopUp::reference, "The provider's own id of the payment (charge id)."),
        field("reversible_until", &TopUp::reversible_until,
              "Until when the payment can be taken back; absent if it is final."),
        field("state", &TopUp::state, "Where it stands."),
        field("reversed", &TopUp::reversed, "How many Stars were taken back."));
  }
};

/// The key under which a payment is known once.
inline PairKey payment_key(std::string_view provider, std::string_view reference) {
  return digest_key(provider, reference);
}

/// A payment's place in the ledger: its top-up, or a reversal that came before it and waits.
struct Payment {
  using Key = PairKey;
  static constexpr std::string_view kTable = "payments";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  std::int64_t digest_high = 0;
  std::int64_t digest_low = 0;
  TopUpId top_up;
  Stars parked;
  AccountId parked_by;

  PairKey key() const { return {digest_high, digest_low}; }

  static constexpr auto fields() {
    return std::tuple(
        field("digest_high", &Payment::digest_high, "First half of the payment's digest."),
        field("digest_low", &Payment::digest_low, "Second half."),
        field("top_up", &Payment::top_up, "The top-up it paid for, if it has come."),
        field("parked", &Payment::parked, "Stars to take back as soon as it comes."),
        field("parked_by", &Payment::parked_by,
              "The app that said so, for its own accounts only; absent if the operator did."));
  }
};

}  // namespace stardrop::ledger
