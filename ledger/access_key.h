// A key or token: who a caller is and what they may do. Only a hash of the secret is kept.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/fields.h"
#include "base/id.h"
#include "base/table.h"
#include "base/time.h"

namespace stardrop::ledger {

/// Whose key it is: the operator's, an app's (acts for the accounts it made), or a user's token
/// (reaches that account alone).
enum class KeyKind : std::uint8_t { operator_key, app_key, user_token };
constexpr auto enum_names(KeyKind) {
  return std::array<std::string_view, 3>{"operator", "app", "user"};
}

/// What a key may be used for.
enum class Scope : std::uint8_t {
  read,      ///< every GET of what the caller may see
  accounts,  ///< open, change and erase accounts; make user tokens
  stars,     ///< move Stars: gifts of Stars, holds
  gifts,     ///< buy, reserve, join waiting lists
  top_ups,   ///< bring Stars into circulation and take them back
  catalog,   ///< publish and change editions
  audit,     ///< audit, metrics
  keys,      ///< make and revoke keys
};
constexpr auto enum_names(Scope) {
  return std::array<std::string_view, 8>{"read",    "accounts", "stars", "gifts",
                                         "top_ups", "catalog",  "audit", "keys"};
}

/// A row of the table of keys.
struct AccessKey {
  using Key = KeyId;
  static constexpr std::string_view kTable = "access_keys";
  static constexpr WritePolicy kWrite = WritePolicy::through;
  static constexpr bool kResident = true;
  static constexpr bool kOrdered = true;
  static constexpr bool kHashed = true;

  KeyId id;
  KeyKind kind = KeyKind::operator_key;
  AccountId account;
  std::vector<Scope> scopes;
  Bytes secret_sha256;
  std::string label;
  Instant expires_at;
  bool revoked = false;

  KeyId key() const { return id; }

  static constexpr auto fields() {
    return std::tuple(field("id", &AccessKey::id, "The key."),
                      field("kind", &AccessKey::kind, "Whose it is."),
                      field("account", &AccessKey::account, "The app's bot account, or the user."),
                      field("scopes", &AccessKey::scopes, "What it may be used for."),
                      field("secret_sha256", &AccessKey::secret_sha256, "SHA-256 of the secret."),
                      field("label", &AccessKey::label, "What its owner calls it."),
                      field("expires_at", &AccessKey::expires_at, "When it ends by itself."),
                      field("revoked", &AccessKey::revoked, "Whether it was taken back."));
  }
};

}  // namespace stardrop::ledger
