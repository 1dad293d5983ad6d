// Who a request comes from, once its key or token is known.
#pragma once

#include <cstdint>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "ledger/access_key.h"
#include "market/caller.h"

namespace stardrop::api {

/// A caller with what its key allows.
struct Principal {
  KeyId key;
  ledger::KeyKind kind = ledger::KeyKind::user_token;
  market::Caller caller;
  std::uint32_t scopes = 0;  ///< a bit per ledger::Scope
  Instant expires_at;

  bool may(ledger::Scope scope) const noexcept {
    return (scopes >> static_cast<unsigned>(scope) & 1U) != 0;
  }
};

}  // namespace stardrop::api
