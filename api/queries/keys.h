// GET /v1/keys
#pragma once

#include "api/query_route.h"
#include "ledger/access_key.h"

namespace stardrop::api {

/// A key without its secret.
struct KeyView {
  KeyId id;
  ledger::KeyKind kind = ledger::KeyKind::user_token;
  AccountId account;
  std::vector<ledger::Scope> scopes;
  std::string label;
  Instant expires_at;
  bool revoked = false;
  static constexpr auto fields() {
    using V = KeyView;
    return std::tuple(field("id", &V::id, "The key."), field("kind", &V::kind, "Whose it is."),
                      field("account", &V::account, "The app's bot account, or the user's."),
                      field("scopes", &V::scopes, "What it may be used for."),
                      field("label", &V::label, "What its owner calls it."),
                      field("expires_at", &V::expires_at, "When it ends by itself."),
                      field("revoked", &V::revoked, "Whether it was taken back."));
  }
};

/// All keys, oldest first.
struct ListKeys {
  std::int64_t limit = 20;
  std::string cursor;
  using Reply = Page<KeyView>;
  static constexpr auto fields() {
    return std::tuple(
        field("limit", &ListKeys::limit, "Most entries of a page.").between(1, 100).or_default(),
        field("cursor", &ListKeys::cursor, "next_cursor of the page before.").or_default());
  }
  Result<Reply> read(QueryContext& context) const;
};

}  // namespace stardrop::api
