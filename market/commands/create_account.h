// Opens an account for a user, a bot or a channel.
#pragma once

#include <optional>
#include <string>

#include "base/json_writer.h"
#include "market/command.h"

namespace stardrop::market {

/// Opens an account. One made with an app's key belongs to that app.
///
/// Refused with, in this order: invalid_value, text_too_long, text_invalid, forbidden (a user
/// asks).
struct CreateAccount {
  static constexpr std::string_view kName = "create_account";
  static constexpr std::uint16_t kCode = 1;
  static constexpr Effect kEffects = Effect::none;
  /// Most characters of a name.
  static constexpr std::int64_t kNameCharactersMax = 64;

  ledger::AccountKind kind = ledger::AccountKind::user;
  std::string name;
  bool premium = false;
  Bytes sealed_name;

  struct Reply {
    AccountId id;
    static constexpr auto fields() {
      return std::tuple(field("id", &Reply::id, "The new account."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("kind", &CreateAccount::kind, "user, bot or channel."),
        field("name", &CreateAccount::name, "What it is called; personal data, kept sealed.")
            .at_most(256)
            .or_default()
            .like("Alice"),
        field("premium", &CreateAccount::premium, "Whether it may buy premium-only editions.")
            .or_default(),
        field("sealed_name", &CreateAccount::sealed_name, "The name, sealed.").as_internal());
  }

  Status validate(const RuleSettings& settings) const;
  void seal(Sealer& sealer, OpId op);
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
  /// The JSON members of a success: the account as `GET /v1/accounts/{id}` begins.
  void answer(JsonWriter& out, const Reply& reply) const;
};

}  // namespace stardrop::market
