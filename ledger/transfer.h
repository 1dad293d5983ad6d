// A transfer: one debit and one credit of the same amount.
#pragma once

#include <array>
#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/table.h"

namespace stardrop {
constexpr auto enum_names(Currency) { return std::array<std::string_view, 2>{"XTR", "TON"}; }
}  // namespace stardrop

namespace stardrop::ledger {

/// Why money moved; what a transaction list shows as its type.
enum class TransferReason : std::uint8_t {
  top_up,           ///< Stars were bought
  top_up_reversal,  ///< the payment for Stars was taken back
  debt,             ///< a reversal found too little: the rest is booked as owed
  debt_repayment,   ///< owed Stars are paid from new ones
  stars_gift,       ///< Stars given to another account
  gift_purchase,    ///< a gift bought from an edition
  hold_capture,     ///< a hold was taken
};
constexpr auto enum_names(TransferReason) {
  return std::array<std::string_view, 7>{"top_up",         "top_up_reversal", "debt",
                                         "debt_repayment", "stars_gift",      "gift_purchase",
                                         "hold_capture"};
}

/// A row of the table of transfers. Rows are only added; `refunded` is the one later mark.
struct Transfer {
  using Key = TransferId;
  static constexpr std::string_view kTable = "transfers";
  static constexpr WritePolicy kWrite = WritePolicy::append;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  TransferId id;
  AccountId debit;
  AccountId credit;
  Currency currency = Currency::XTR;
  std::int64_t amount = 0;
  TransferReason reason = TransferReason::top_up;
  std::int64_t subject = 0;
  TransferId refunds;
  bool refunded = false;
  TransferId debit_older;
  TransferId credit_older;

  TransferId key() const { return id; }

  static constexpr auto fields() {
    return std::tuple(
        field("id", &Transfer::id, "The transfer."),
        field("debit", &Transfer::debit, "The account it leaves."),
        field("credit", &Transfer::credit, "The account it reaches."),
        field("currency", &Transfer::currency, "XTR or TON."),
        field("amount", &Transfer::amount, "Microstars or nanograms, more than 0."),
        field("reason", &Transfer::reason, "Why it moved."),
        field("subject", &Transfer::subject, "The gift, top-up or hold it was for."),
        field("refunds", &Transfer::refunds,
              "The transfer it gives back; its id is shown instead."),
        field("refunded", &Transfer::refunded, "Whether another transfer gave it back."),
        field("debit_older", &Transfer::debit_older, "The debited account's transfer before it."),
        field("credit_older", &Transfer::credit_older,
              "The credited account's transfer before it."));
  }
};

}  // namespace stardrop::ledger
