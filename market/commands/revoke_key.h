// Takes a key back.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// The key no longer opens anything. An app may revoke its own keys and its users' tokens, a user
/// their own tokens, the operator any. Revoking one twice is a success that changes nothing.
///
/// Refused with: key_not_found (also if the caller may not act for its account).
struct RevokeKey {
  static constexpr std::string_view kName = "revoke_key";
  static constexpr std::uint16_t kCode = 25;
  static constexpr Effect kEffects = Effect::none;

  KeyId key;

  struct Reply {
    KeyId id;
    bool already = false;
    static constexpr auto fields() {
      return std::tuple(field("id", &Reply::id, "The key."),
                        field("already", &Reply::already, "Whether it was revoked before."));
    }
  };

  static constexpr auto fields() { return std::tuple(field("key", &RevokeKey::key, "The key.")); }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const {
    const ledger::AccessKey* const row = rows.want<ledger::AccessKey>(key);
    if (row != nullptr && row->account.is_set()) rows.want<ledger::Account>(row->account);
  }
  Result<Reply> apply(Context& context) const {
    auto row = context.find<ledger::AccessKey>(key);
    const bool reachable =
        row && (row->account.is_set() ? context.any_own_account(row->account).ok()
                                      : context.caller.is_operator());
    if (!reachable) return ErrorCode::key_not_found;
    if (row->revoked) return Reply{key, true};
    row->revoked = true;
    context.put(*std::move(row));
    return Reply{key, false};
  }
};

}  // namespace stardrop::market
