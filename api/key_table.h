// The table of keys: the hash of a secret → who presents it.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/principal.h"
#include "base/hash.h"
#include "ledger/access_key.h"
#include "market/state.h"

namespace stardrop::api {

/// Written by the engine's thread after each commit; read from any thread.
///
/// Secrets are looked up by their SHA-256, so the time a look-up takes tells nothing about how much
/// of a guess was right.
class KeyTable {
 public:
  /// The principal of a secret that is neither revoked nor expired at `now`.
  std::optional<Principal> find(std::string_view secret, Instant now) const;
  /// Whether a key found earlier still holds; for connections that stay open.
  bool still_valid(KeyId key, Instant now) const;

  /// Takes over all keys of a store that was opened.
  void reset(const market::State& state);
  /// Takes over what the batch changed.
  void update(const market::State& state);

 private:
  void put(const ledger::AccessKey& row);

  struct DigestHash {
    std::size_t operator()(const Digest& digest) const noexcept {
      return static_cast<std::size_t>(leading64(digest));
    }
  };
  mutable std::shared_mutex mutex_;
  std::unordered_map<Digest, Principal, DigestHash> by_secret_;
  std::unordered_map<KeyId, Digest> by_id_;
};

/// A new secret: `op_`, `app_` or `usr_` and 64 hexadecimal digits made of `seed_bytes`.
std::string secret_text(ledger::KeyKind kind, const Digest& seed_bytes);

}  // namespace stardrop::api
