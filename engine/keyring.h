// The keyring: seals and opens personal data under a key per account.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/seal.h"
#include "market/command.h"
#include "market/state.h"

namespace stardrop::engine {

/// Account keys are rows, sealed under the master key; destroying the row destroys what it sealed.
/// The engine's thread only.
class Keyring final : public market::Sealer {
 public:
  /// Brings the account's key row into the state, if there is one. False if the store failed.
  using LoadKey = std::function<bool(AccountId)>;

  Keyring(const SecretKey& master, market::State& state, LoadKey load);

  Bytes seal_for(AccountId account, std::string_view context, std::string_view plain) override;

  /// Opens what `seal_for` sealed; nothing if the account's key was destroyed.
  std::optional<std::string> open(AccountId account,
                                  std::string_view context,
                                  std::string_view sealed) const;

  /// Whether a key could not be loaded since this was asked last. What was sealed then must not be
  /// kept: it may have got a new key although the account has one.
  bool take_failure() noexcept { return std::exchange(failed_, false); }

 private:
  std::optional<SecretKey> key_of(AccountId account) const;

  SecretKey master_;
  market::State& state_;
  LoadKey load_;
  mutable bool failed_ = false;
};

}  // namespace stardrop::engine
