// Why somebody can or can't buy an edition, rule by rule.
#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "ledger/account.h"
#include "ledger/edition.h"
#include "market/settings.h"

namespace stardrop::market {

/// One rule of a sale and how it stands for one buyer.
struct RuleState {
  std::string rule;
  std::string value;
  bool ok = true;
  std::string code;
  Instant changes_at;
  std::string detail;

  static constexpr auto fields() {
    return std::tuple(
        field("rule", &RuleState::rule, "Its name.").like("sale_opens"),
        field("value", &RuleState::value, "What it says for this edition."),
        field("ok", &RuleState::ok, "Whether it is met now."),
        field("code", &RuleState::code, "The refusal a purchase would get; empty if it is met."),
        field("changes_at", &RuleState::changes_at,
              "When it will stand differently by itself; null if never or unknown."),
        field("detail", &RuleState::detail, "The same in a sentence."));
  }
};

/// What is asked, and what is known. Nothing is read from anywhere else.
struct AvailabilityQuestion {
  const ledger::Edition& edition;
  const RuleSettings& settings;
  Instant now{};
  /// Who would buy; without one, rules about the buyer are told but not judged.
  const ledger::Account* buyer = nullptr;
  /// What the buyer has bought and reserved of it, if anything.
  const ledger::Tally* tally = nullptr;
  /// Who would get the gift; without one it is the buyer.
  const ledger::Account* receiver = nullptr;
};

/// Every rule that applies, in the order in which a purchase asks them: the first that isn't met
/// has the code with which `send_gift` would refuse.
std::vector<RuleState> explain_availability(const AvailabilityQuestion& question);

/// Whether all rules are met.
bool is_available(const std::vector<RuleState>& rules);

}  // namespace stardrop::market
