// GET /v1/editions/{edition}/availability
#pragma once

#include "api/query_route.h"
#include "market/rules/availability.h"

namespace stardrop::api {

/// Why somebody can or can't buy, rule by rule.
struct GetAvailability {
  EditionId edition;
  AccountId account;
  AccountId to;

  struct Reply {
    EditionId edition;
    AccountId account;
    bool available = false;
    std::vector<market::RuleState> rules;
    static constexpr auto fields() {
      return std::tuple(field("edition", &Reply::edition, "The edition."),
                        field("account", &Reply::account, "Who would buy."),
                        field("available", &Reply::available, "Whether every rule is met now."),
                        field("rules", &Reply::rules, "In the order a purchase asks them."));
    }
  };

  static constexpr auto fields() {
    using Q = GetAvailability;
    return std::tuple(
        field("edition", &Q::edition, "The edition."),
        field("account", &Q::account, "Who would buy; left out: the rules alone.").or_default(),
        field("to", &Q::to, "Who would get it; left out: the buyer.").or_default());
  }
  Result<Reply> read(QueryContext& context) const;
};

}  // namespace stardrop::api
