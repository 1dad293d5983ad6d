// The demo: a small catalogue and three people with Stars.
#include "app/serve/demo.h"

#include <array>
#include <ostream>

#include "api/key_table.h"
#include "app/catalog/catalog.h"
#include "app/redact.h"
#include "base/check.h"
#include "base/hash.h"

namespace stardrop::app {

namespace {

constexpr std::array<std::string_view, 3> kNames = {"Alice", "Bob", "Carol"};
constexpr std::int64_t kStars = 100'000;

/// A command under a key of its own: done once, answered every time.
engine::Outcome once(engine::Engine& engine, std::string key, market::AnyCommand command) {
  engine::Request request;
  request.caller.kind = market::CallerKind::operator_;
  request.idempotency_key = std::move(key);
  request.command = std::move(command);
  return engine.call(std::move(request));
}

/// The same token at every start: derived from the master key.
std::string token_of(const SecretKey& master_key, std::string_view name) {
  const std::string_view secret(reinterpret_cast<const char*>(master_key.data()),
                                master_key.size());
  return api::secret_text(ledger::KeyKind::user_token,
                          hmac_sha256(secret, "demo/" + std::string(name)));
}

Status make_person(engine::Engine& engine,
                   const SecretKey& master_key,
                   std::string_view name,
                   std::ostream& out) {
  const std::string label(name);
  market::CreateAccount account;
  account.name = label;
  const engine::Outcome made = once(engine, "demo-account-" + label, account);
  if (!made.ok()) return made.error();
  const AccountId id = std::get<market::CreateAccount::Reply>(made->reply).id;

  market::TopUp stars;
  stars.account = id;
  stars.stars = Stars::whole(kStars);
  stars.provider = "demo";
  stars.reference = "demo-" + label;
  STARDROP_TRY(once(engine, "demo-stars-" + label, stars));

  market::CreateKey token;
  token.kind = ledger::KeyKind::user_token;
  token.account = id;
  token.label = "demo";
  const std::string secret = token_of(master_key, name);
  remember_secret(secret);
  token.secret_sha256.data = bytes_of(sha256(secret));
  STARDROP_TRY(once(engine, "demo-token-" + label, token));
  out << "demo_account=" << id.text() << " name=" << name << " token=" << secret << '\n';
  return done();
}

}  // namespace

Status make_demo(engine::Engine& engine, const SecretKey& master_key, std::ostream& out) {
  const Catalog catalog = read_catalog(demo_catalog());
  STARDROP_ASSERT(catalog.mistakes.empty(), "the built-in catalogue is sound");
  market::ImportCatalog import;
  for (const CatalogEntry& entry : catalog.entries) import.editions.push_back(entry.terms);
  STARDROP_TRY(once(engine, "demo-catalog-" + hex(bytes_of(sha256(demo_catalog()))).substr(0, 16),
                    std::move(import)));
  for (const std::string_view name : kNames)
    STARDROP_TRY(make_person(engine, master_key, name, out));
  return done();
}

}  // namespace stardrop::app
