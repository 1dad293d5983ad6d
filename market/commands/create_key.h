// Makes a key for an operator or an app, or a token for a user.
#pragma once

#include <string>
#include <vector>

#include "base/json_writer.h"
#include "market/command.h"

namespace stardrop::market {

/// Makes a key. The secret itself never gets here: only its SHA-256. An app key acts for the
/// accounts its bot account made; a user token reaches its own account alone.
///
/// Refused with, in this order: invalid_value, account_not_found, account_erased, forbidden
/// (an app may make tokens for its own users only).
struct CreateKey {
  static constexpr std::string_view kName = "create_key";
  static constexpr std::uint16_t kCode = 24;
  static constexpr Effect kEffects = Effect::none;

  ledger::KeyKind kind = ledger::KeyKind::app_key;
  AccountId account;
  std::vector<ledger::Scope> scopes;
  std::string label;
  Instant expires_at;
  Bytes secret_sha256;
  /// Not described, so never journalled: the answer shows it once more to who asked.
  std::string secret;

  struct Reply {
    KeyId id;
    static constexpr auto fields() { return std::tuple(field("id", &Reply::id, "The key.")); }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("kind", &CreateKey::kind, "operator, app or user."),
        field("account", &CreateKey::account, "The app's bot account, or the user's.").or_default(),
        field("scopes", &CreateKey::scopes, "What it may be used for; left out: all its kind may.")
            .at_most(16)
            .or_default(),
        field("label", &CreateKey::label, "What you call it.").at_most(64).or_default(),
        field("expires_at", &CreateKey::expires_at, "When it ends by itself.").or_default(),
        field("secret_sha256", &CreateKey::secret_sha256, "SHA-256 of the secret.").as_internal());
  }

  Status validate(const RuleSettings& settings) const;
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
  /// The JSON members of a success: the key with its secret.
  void answer(JsonWriter& out, const Reply& reply) const;
};

/// The scopes a kind of key may have at most.
std::vector<ledger::Scope> scopes_of(ledger::KeyKind kind);

}  // namespace stardrop::market
