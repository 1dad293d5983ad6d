// A hold: money set aside until it is captured, released, or expires.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/table.h"
#include "base/time.h"

namespace stardrop::ledger {

/// What the money is set aside for.
enum class HoldReason : std::uint8_t { payment, bid, offer, payout };
constexpr auto enum_names(HoldReason) {
  return std::array<std::string_view, 4>{"payment", "bid", "offer", "payout"};
}

/// Where a hold stands. Only an open one counts.
enum class HoldState : std::uint8_t { open, captured, released, expired };
constexpr auto enum_names(HoldState) {
  return std::array<std::string_view, 4>{"open", "captured", "released", "expired"};
}

/// A row of the table of holds.
struct Hold {
  using Key = HoldId;
  static constexpr std::string_view kTable = "holds";
  static constexpr WritePolicy kWrite = WritePolicy::append;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  HoldId id;
  AccountId account;
  Currency currency = Currency::XTR;
  std::int64_t amount = 0;
  HoldReason reason = HoldReason::payment;
  HoldState state = HoldState::open;
  Instant expires_at;

  HoldId key() const { return id; }

  static constexpr auto fields() {
    return std::tuple(field("id", &Hold::id, "The hold."),
                      field("account", &Hold::account, "Whose money it is."),
                      field("currency", &Hold::currency, "XTR or TON."),
                      field("amount", &Hold::amount, "Microstars or nanograms, more than 0."),
                      field("reason", &Hold::reason, "What it is set aside for."),
                      field("state", &Hold::state, "Where it stands."),
                      field("expires_at", &Hold::expires_at, "When it ends by itself."));
  }
};

}  // namespace stardrop::ledger
