// Keys by the hash of their secret.
#include "api/key_table.h"

#include <algorithm>
#include <mutex>

namespace stardrop::api {
namespace {

market::Caller caller_of(const ledger::AccessKey& row) {
  switch (row.kind) {
    case ledger::KeyKind::operator_key: return {market::CallerKind::operator_, AccountId()};
    case ledger::KeyKind::app_key: return {market::CallerKind::app, row.account};
    case ledger::KeyKind::user_token: return {market::CallerKind::user, row.account};
  }
  return {};
}

bool is_live(const Principal& principal, Instant now) {
  return !principal.expires_at.is_set() || now < principal.expires_at;
}

}  // namespace

std::optional<Principal> KeyTable::find(std::string_view secret, Instant now) const {
  const Digest digest = sha256(secret);
  const std::shared_lock lock(mutex_);
  const auto found = by_secret_.find(digest);
  if (found == by_secret_.end() || !is_live(found->second, now)) return std::nullopt;
  return found->second;
}

bool KeyTable::still_valid(KeyId key, Instant now) const {
  const std::shared_lock lock(mutex_);
  const auto digest = by_id_.find(key);
  if (digest == by_id_.end()) return false;
  const auto found = by_secret_.find(digest->second);
  return found != by_secret_.end() && is_live(found->second, now);
}

void KeyTable::put(const ledger::AccessKey& row) {
  Digest digest{};
  if (row.secret_sha256.data.size() != digest.size()) return;
  std::ranges::transform(row.secret_sha256.data, digest.begin(),
                         [](char c) { return static_cast<unsigned char>(c); });
  if (row.revoked) {
    by_secret_.erase(digest);
    by_id_.erase(row.id);
    return;
  }
  Principal principal;
  principal.key = row.id;
  principal.kind = row.kind;
  principal.caller = caller_of(row);
  for (const ledger::Scope scope : row.scopes) {
    principal.scopes |= 1U << static_cast<unsigned>(scope);
  }
  principal.expires_at = row.expires_at;
  by_secret_.insert_or_assign(digest, principal);
  by_id_.insert_or_assign(row.id, digest);
}

void KeyTable::reset(const market::State& state) {
  const std::unique_lock lock(mutex_);
  by_secret_.clear();
  by_id_.clear();
  state.table<ledger::AccessKey>().for_each([this](const ledger::AccessKey& row) { put(row); });
}

void KeyTable::update(const market::State& state) {
  const auto& keys = state.table<ledger::AccessKey>();
  if (!keys.has_changes()) return;
  const std::unique_lock lock(mutex_);
  keys.for_each_change([this](const auto& change) {
    if (change.after != nullptr) put(*change.after);
  });
}

std::string secret_text(ledger::KeyKind kind, const Digest& seed_bytes) {
  std::string_view prefix = "usr_";
  if (kind == ledger::KeyKind::operator_key) prefix = "op_";
  if (kind == ledger::KeyKind::app_key) prefix = "app_";
  return std::string(prefix) + hex(bytes_of(seed_bytes));
}

}  // namespace stardrop::api
