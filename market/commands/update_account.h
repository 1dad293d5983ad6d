// Changes an account.
#pragma once

#include <optional>
#include <string>

#include "market/command.h"

namespace stardrop::market {

/// Changes what is given; the rest stays. A user may rename their own account, but not make it
/// premium.
///
/// Refused with, in this order: text_too_long, text_invalid, account_not_found, account_erased,
/// forbidden (a user sets premium).
struct UpdateAccount {
  static constexpr std::string_view kName = "update_account";
  static constexpr std::uint16_t kCode = 2;
  static constexpr Effect kEffects = Effect::none;

  AccountId account;
  std::optional<std::string> name;
  std::optional<bool> premium;
  Bytes sealed_name;
  bool renamed = false;

  struct Reply {
    AccountId id;
    static constexpr auto fields() { return std::tuple(field("id", &Reply::id, "The account.")); }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("account", &UpdateAccount::account, "The account."),
        field("name", &UpdateAccount::name, "What it is called from now on; empty: no name.")
            .at_most(256)
            .like("Alice"),
        field("premium", &UpdateAccount::premium, "Whether it may buy premium-only editions."),
        field("sealed_name", &UpdateAccount::sealed_name, "The name, sealed.").as_internal(),
        field("renamed", &UpdateAccount::renamed, "Whether a name was given.").as_internal());
  }

  Status validate(const RuleSettings& settings) const;
  void seal(Sealer& sealer, OpId op);
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
