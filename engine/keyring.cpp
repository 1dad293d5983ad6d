// Account keys: made when first needed, kept sealed under the master key.
#include "engine/keyring.h"

#include <algorithm>

namespace stardrop::engine {
namespace {

std::string_view bytes_of_key(const SecretKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

/// What a sealed text is bound to: its account and its purpose.
std::string bound_to(AccountId account, std::string_view context) {
  return account.text() + '/' + std::string(context);
}

}  // namespace

Keyring::Keyring(const SecretKey& master, market::State& state, LoadKey load)
    : master_(master), state_(state), load_(std::move(load)) {}

std::optional<SecretKey> Keyring::key_of(AccountId account) const {
  if (!load_(account)) {
    failed_ = true;
    return std::nullopt;
  }
  const auto* const row = state_.table<ledger::PersonalKey>().peek(account);
  if (row == nullptr) return std::nullopt;
  const auto plain = unseal(master_, bound_to(account, "key"), row->sealed.data);
  if (!plain || plain->size() != SecretKey{}.size()) return std::nullopt;
  SecretKey key;
  std::ranges::copy(*plain, key.begin());
  return key;
}

Bytes Keyring::seal_for(AccountId account, std::string_view context, std::string_view plain) {
  std::optional<SecretKey> key = key_of(account);
  if (!key) {
    // Nobody knows whether the account has a key: the command will be refused, and a row put here
    // would be remembered as one that isn't there, so that the next new key would replace the old.
    if (failed_) return {};
    key = new_secret_key();
    state_.table<ledger::PersonalKey>().put(
        {account, {seal(master_, bound_to(account, "key"), bytes_of_key(*key))}});
  }
  return {seal(*key, bound_to(account, context), plain)};
}

std::optional<std::string> Keyring::open(AccountId account,
                                         std::string_view context,
                                         std::string_view sealed) const {
  const std::optional<SecretKey> key = key_of(account);
  if (!key) return std::nullopt;
  return unseal(*key, bound_to(account, context), sealed);
}

}  // namespace stardrop::engine
