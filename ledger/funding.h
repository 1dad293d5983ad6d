// The reversible lots that paid for a transfer, so that a refund can give the same back.
#pragma once

#include <string_view>
#include <tuple>
#include <vector>

#include "ledger/lots.h"

namespace stardrop::ledger {

/// Written only for transfers that took Stars which were not final.
struct Funding {
  using Key = TransferId;
  static constexpr std::string_view kTable = "fundings";
  static constexpr WritePolicy kWrite = WritePolicy::append;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  TransferId transfer;
  std::vector<Lot> lots;

  TransferId key() const { return transfer; }

  static constexpr auto fields() {
    return std::tuple(field("transfer", &Funding::transfer, "The transfer."),
                      field("lots", &Funding::lots, "What it took of which payment."));
  }
};

}  // namespace stardrop::ledger
