// The keyring: seals and opens personal data under a key per account.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/seal.h"
#include "market/command.h"
#include "market/state.h"

namespace stardrop::engine {

/// Account keys are rows, sealed under the master key; destroying the row destroys what it sealed.
/// The engine's thread only.
class Keyring final : public market::Sealer {
 public:
  /// Brings the account's key row into the state, if there is one.
  using LoadKey = std::function<void(AccountId)>;

  Keyring(const SecretKey& master, market::State& state, LoadKey load);

  Bytes seal_for(AccountId account, std::string_view context, std::string_view plain) override;

  /// Opens what `seal_for` sealed; nothing if the account's key was destroyed.
  std::optional<std::string> open(AccountId account,
                                  std::string_view context,
                                  std::string_view sealed) const;

 private:
  std::optional<SecretKey> key_of(AccountId account) const;

  SecretKey master_;
  market::State& state_;
  LoadKey load_;
};

}  // namespace stardrop::engine
