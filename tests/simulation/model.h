// An independent, naive model of the economy: it says what must come of each request.
//
// It knows nothing of rows, transfers or batches. It is written from the documented rules, in the
// order in which refusals are documented, so that an engine that drifts from them is noticed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/time.h"
#include "engine/envelope.h"

namespace stardrop::simulation {

/// What must come of a request.
struct Verdict {
  ErrorCode refusal = ErrorCode::internal;
  bool ok = false;
  bool replayed = false;

  static Verdict success() { return {ErrorCode::internal, true, false}; }
  static Verdict replay() { return {ErrorCode::internal, true, true}; }
  static Verdict refused(ErrorCode code) { return {code, false, false}; }
  std::string text() const;
};

/// Somebody.
struct Person {
  ledger::AccountKind kind = ledger::AccountKind::user;
  AccountId app;
  bool premium = false;
  std::int64_t stars = 0;
  std::int64_t held = 0;
  std::int64_t gifts = 0;
  Instant made;
};

/// Something on sale.
struct Ware {
  std::string slug;
  std::int64_t price = 0;
  std::optional<std::int64_t> supply;
  std::optional<std::int64_t> cap;
  Instant opens;
  Instant ends;
  bool premium = false;
  std::int64_t sold = 0;
  std::map<AccountId, std::int64_t> bought;
};

/// Something sold.
struct Sale {
  EditionId edition;
  AccountId owner;
  std::int64_t serial = 0;
};

/// Stars set aside.
struct SetAside {
  AccountId account;
  std::int64_t stars = 0;
  Instant until;
  bool open = true;
};

/// The whole economy as somebody with a pencil would keep it.
class Model {
 public:
  /// What must come of `request` now. The clock shows `clock`.
  Verdict predict(const engine::Request& request, Instant clock) const;
  /// The request was carried out. Returns what is wrong with the receipt; empty if nothing is.
  std::string apply(const engine::Request& request, const engine::Receipt& receipt, Instant clock);
  /// Whether a request of this caller was carried out under this key.
  bool knows_key(const engine::Request& request) const;

  const std::map<AccountId, Person>& people() const { return people_; }
  const std::map<EditionId, Ware>& wares() const { return wares_; }
  const std::map<GiftId, Sale>& sales() const { return sales_; }
  const std::map<HoldId, SetAside>& holds() const { return holds_; }
  std::int64_t house() const { return house_; }
  std::int64_t issued() const { return issued_; }

 private:
  using KeyOf = std::tuple<market::CallerKind, AccountId, std::string>;
  struct Used {
    std::uint64_t fingerprint = 0;
    std::size_t command = 0;
    OpId op;
    std::string reply;
  };

  Verdict decide(const market::CreateAccount& command, const market::Caller& caller) const;
  Verdict decide(const market::TopUp& command, const market::Caller& caller) const;
  Verdict decide(const market::CreateEdition& command, const market::Caller& caller) const;
  Verdict decide(const market::SendGift& command, const market::Caller& caller) const;
  Verdict decide(const market::Configure& command, const market::Caller& caller) const;
  Verdict decide(const market::CreateKey& command, const market::Caller& caller) const;

  Verdict decide(const market::TransferStars& command, const market::Caller& caller) const;
  std::string done(const market::TransferStars& command,
                   const market::TransferStars::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::PlaceHold& command, const market::Caller& caller) const;
  std::string done(const market::PlaceHold& command,
                   const market::PlaceHold::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::ReleaseHold& command, const market::Caller& caller) const;
  std::string done(const market::ReleaseHold& command,
                   const market::ReleaseHold::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::CaptureHold& command, const market::Caller& caller) const;
  std::string done(const market::CaptureHold& command,
                   const market::CaptureHold::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::RunTimers& command, const market::Caller& caller) const;
  std::string done(const market::RunTimers& command,
                   const market::RunTimers::Reply& reply,
                   const market::Caller& caller);

  std::string done(const market::CreateAccount& command,
                   const market::CreateAccount::Reply& reply,
                   const market::Caller& caller);
  std::string done(const market::TopUp& command,
                   const market::TopUp::Reply& reply,
                   const market::Caller& caller);
  std::string done(const market::CreateEdition& command,
                   const market::CreateEdition::Reply& reply,
                   const market::Caller& caller);
  std::string done(const market::SendGift& command,
                   const market::SendGift::Reply& reply,
                   const market::Caller& caller);
  std::string done(const market::Configure& command,
                   const market::Configure::Reply& reply,
                   const market::Caller& caller);
  std::string done(const market::CreateKey& command,
                   const market::CreateKey::Reply& reply,
                   const market::Caller& caller);

  /// Commands that no workload makes yet.
  template <class Command>
  Verdict decide(const Command&, const market::Caller&) const {
    STARDROP_ASSERT(false, "the model knows what the workload makes");
  }
  template <class Command>
  std::string done(const Command&, const typename Command::Reply&, const market::Caller&) {
    return "the model doesn't know this command";
  }

  std::optional<ErrorCode> hold_refused(HoldId id, const market::Caller& caller) const;
  void end_hold(SetAside& hold);
  const Person* reachable(AccountId id, const market::Caller& caller) const;
  const Person* person(AccountId id) const;

  std::map<AccountId, Person> people_;
  std::map<EditionId, Ware> wares_;
  std::map<GiftId, Sale> sales_;
  std::map<HoldId, SetAside> holds_;
  std::set<std::pair<EditionId, std::int64_t>> serials_;
  std::set<std::string> slugs_;
  std::set<std::pair<std::string, std::string>> payments_;
  std::map<KeyOf, Used> keys_;
  market::RuleSettings settings_;
  std::int64_t house_ = 0;
  std::int64_t issued_ = 0;
  mutable Instant at_;
  Instant last_time_;
};

}  // namespace stardrop::simulation
