// An independent, naive model of the economy: it says what must come of each request.
//
// It knows nothing of rows, transfers or batches. It is written from the documented rules, in the
// order in which refusals are documented, so that an engine that drifts from them is noticed.
#pragma once

#include <cstdint>
#include <deque>
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
  /// The model does not follow which node has what: a slice may be refused as long as there is
  /// something in the one before, and when too little is left.
  bool may_lease = false;

  static Verdict lease() { return {ErrorCode::internal, true, false, true}; }
  static Verdict success() { return {ErrorCode::internal, true, false}; }
  static Verdict replay() { return {ErrorCode::internal, true, true}; }
  static Verdict refused(ErrorCode code) { return {code, false, false}; }
  bool allows(const Verdict& found) const;
  std::string text() const;
};

/// Somebody.
struct Person {
  ledger::AccountKind kind = ledger::AccountKind::user;
  AccountId app;
  bool premium = false;
  bool erased = false;
  std::int64_t stars = 0;
  std::int64_t held = 0;
  std::int64_t owed = 0;
  std::int64_t gifts = 0;
  Instant made;

  std::int64_t available() const { return stars - held; }
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
  std::int64_t reserved = 0;
  std::map<AccountId, std::int64_t> taken;  ///< bought and kept, by account
  std::set<std::int64_t> serials_free;      ///< of refunded gifts
  std::int64_t serials_used = 0;
  bool sliced = false;                     ///< nodes had slices, so numbers come in any order
  std::map<std::int64_t, AccountId> line;  ///< the waiting list by position
  std::int64_t line_last = 0;

  bool sold_out() const { return supply && sold + reserved == *supply; }
  bool has_waiting(AccountId who) const;
};

/// Something sold.
struct Sale {
  EditionId edition;
  AccountId owner;
  AccountId from;
  std::int64_t serial = 0;
  std::int64_t paid = 0;
  bool refunded = false;
};

/// Stars set aside.
struct SetAside {
  AccountId account;
  std::int64_t stars = 0;
  Instant until;
  bool open = true;
  std::uint64_t made = 0;  ///< in order of making, like ids
};

/// A gift kept for a checkout, or for whoever is next in line.
struct Kept {
  EditionId edition;
  AccountId account;
  Instant until;
  bool open = true;
  std::uint64_t made = 0;
};

/// Stars that were given, captured or given back.
struct Given {
  AccountId from;
  AccountId to;
  std::int64_t stars = 0;
  bool refund = false;
  bool refunded = false;
};

/// A payment for Stars: booked, or taken back before it came.
struct Paid {
  TopUpId top_up;
  AccountId account;
  std::int64_t stars = 0;
  std::int64_t reversed = 0;
  std::int64_t parked = 0;
  AccountId parked_by;
};

/// A key.
struct Key {
  AccountId account;
  bool revoked = false;
};

/// Provider and reference.
using PaymentKey = std::pair<std::string, std::string>;

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
  /// What catalogues brought in: nobody is told its id, so nobody buys it.
  const std::map<std::string, Ware>& imported() const { return imported_; }
  const std::map<GiftId, Sale>& sales() const { return sales_; }
  const std::map<HoldId, SetAside>& holds() const { return holds_; }
  const std::map<ReservationId, Kept>& kept() const { return kept_; }
  const std::map<TransferId, Given>& given() const { return given_; }
  const std::map<TopUpId, PaymentKey>& top_ups() const { return top_ups_; }
  const std::map<KeyId, Key>& access_keys() const { return access_keys_; }
  const market::RuleSettings& settings() const { return settings_; }
  std::int64_t house() const { return house_; }
  /// Paid for and not taken back.
  std::int64_t issued() const { return issued_; }
  /// Taken back from those who had spent it, and not repaid yet; negative.
  std::int64_t receivables() const { return receivables_; }

 private:
  using KeyOf = std::tuple<market::CallerKind, AccountId, std::string>;
  struct Used {
    std::uint64_t fingerprint = 0;
    std::size_t command = 0;
    OpId op;
    std::string reply;
  };

  Verdict decide(const market::CreateAccount& command, const market::Caller& caller) const;
  std::string done(const market::CreateAccount& command,
                   const market::CreateAccount::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::UpdateAccount& command, const market::Caller& caller) const;
  std::string done(const market::UpdateAccount& command,
                   const market::UpdateAccount::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::EraseAccount& command, const market::Caller& caller) const;
  std::string done(const market::EraseAccount& command,
                   const market::EraseAccount::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::CreateKey& command, const market::Caller& caller) const;
  std::string done(const market::CreateKey& command,
                   const market::CreateKey::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::RevokeKey& command, const market::Caller& caller) const;
  std::string done(const market::RevokeKey& command,
                   const market::RevokeKey::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::TopUp& command, const market::Caller& caller) const;
  std::string done(const market::TopUp& command,
                   const market::TopUp::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::ReverseTopUp& command, const market::Caller& caller) const;
  std::string done(const market::ReverseTopUp& command,
                   const market::ReverseTopUp::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::ReportReversal& command, const market::Caller& caller) const;
  std::string done(const market::ReportReversal& command,
                   const market::ReportReversal::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::TransferStars& command, const market::Caller& caller) const;
  std::string done(const market::TransferStars& command,
                   const market::TransferStars::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::RefundTransfer& command, const market::Caller& caller) const;
  std::string done(const market::RefundTransfer& command,
                   const market::RefundTransfer::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::PlaceHold& command, const market::Caller& caller) const;
  std::string done(const market::PlaceHold& command,
                   const market::PlaceHold::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::CaptureHold& command, const market::Caller& caller) const;
  std::string done(const market::CaptureHold& command,
                   const market::CaptureHold::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::ReleaseHold& command, const market::Caller& caller) const;
  std::string done(const market::ReleaseHold& command,
                   const market::ReleaseHold::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::CreateEdition& command, const market::Caller& caller) const;
  std::string done(const market::CreateEdition& command,
                   const market::CreateEdition::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::UpdateEdition& command, const market::Caller& caller) const;
  std::string done(const market::UpdateEdition& command,
                   const market::UpdateEdition::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::ImportCatalog& command, const market::Caller& caller) const;
  std::string done(const market::ImportCatalog& command,
                   const market::ImportCatalog::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::SendGift& command, const market::Caller& caller) const;
  std::string done(const market::SendGift& command,
                   const market::SendGift::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::RefundGift& command, const market::Caller& caller) const;
  std::string done(const market::RefundGift& command,
                   const market::RefundGift::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::ReserveGift& command, const market::Caller& caller) const;
  std::string done(const market::ReserveGift& command,
                   const market::ReserveGift::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::UseReservation& command, const market::Caller& caller) const;
  std::string done(const market::UseReservation& command,
                   const market::UseReservation::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::ReleaseReservation& command, const market::Caller& caller) const;
  std::string done(const market::ReleaseReservation& command,
                   const market::ReleaseReservation::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::JoinWaitlist& command, const market::Caller& caller) const;
  std::string done(const market::JoinWaitlist& command,
                   const market::JoinWaitlist::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::LeaveWaitlist& command, const market::Caller& caller) const;
  std::string done(const market::LeaveWaitlist& command,
                   const market::LeaveWaitlist::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::Configure& command, const market::Caller& caller) const;
  std::string done(const market::Configure& command,
                   const market::Configure::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::LeaseStock& command, const market::Caller& caller) const;
  std::string done(const market::LeaseStock& command,
                   const market::LeaseStock::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::SettleStock& command, const market::Caller& caller) const;
  std::string done(const market::SettleStock& command,
                   const market::SettleStock::Reply& reply,
                   const market::Caller& caller);

  Verdict decide(const market::RunTimers& command, const market::Caller& caller) const;
  std::string done(const market::RunTimers& command,
                   const market::RunTimers::Reply& reply,
                   const market::Caller& caller);

  // People.
  const Person* person(AccountId id) const;
  const Person* reachable(AccountId id, const market::Caller& caller) const;
  std::optional<ErrorCode> own_refused(AccountId id, const market::Caller& caller) const;
  std::optional<ErrorCode> receiver_refused(AccountId id) const;

  // Money.
  void receive(AccountId id, std::int64_t stars);
  void repay(AccountId id);
  std::optional<ErrorCode> hold_refused(HoldId id, const market::Caller& caller) const;
  void end_hold(SetAside& hold);
  std::optional<ErrorCode> booking_refused(const std::string& provider,
                                           const std::string& reference,
                                           std::int64_t stars) const;
  std::int64_t parked(const std::string& provider,
                      const std::string& reference,
                      AccountId account,
                      std::int64_t stars) const;
  void book(const PaymentKey& payment, TopUpId top_up, AccountId account, std::int64_t stars);
  std::optional<ErrorCode> reversal_refused(const Paid& paid, std::optional<Stars> stars) const;
  std::string reverse(Paid& paid,
                      std::optional<Stars> stars,
                      Stars reversed,
                      Stars recovered,
                      Stars owed,
                      bool already);

  // Stock.
  std::optional<ErrorCode> entry_refused(const Ware& ware, const Person& buyer) const;
  bool at_cap(const Ware& ware, AccountId account) const;
  std::string sell(GiftId id, const Sale& sale, bool was_kept);
  void keep(EditionId edition, AccountId account, ReservationId id, Instant until);
  void give_back(Kept& kept);
  void pass_on(Ware& ware, EditionId edition, bool was_sold_out);
  std::optional<ErrorCode> kept_refused(ReservationId id, const market::Caller& caller) const;
  std::optional<ErrorCode> terms_refused(const market::EditionTerms& terms) const;
  std::optional<ErrorCode> change_refused(const Ware& before, const Ware& after) const;
  const Ware* ware_called(const std::string& slug) const;

  std::map<AccountId, Person> people_;
  std::map<EditionId, Ware> wares_;
  std::map<std::string, Ware> imported_;
  std::map<GiftId, Sale> sales_;
  std::map<HoldId, SetAside> holds_;
  std::map<ReservationId, Kept> kept_;
  std::deque<Kept> kept_for_line_;  // nobody is told their ids
  std::map<TransferId, Given> given_;
  std::map<PaymentKey, Paid> payments_;
  std::map<TopUpId, PaymentKey> top_ups_;
  std::map<KeyId, Key> access_keys_;
  std::set<std::pair<EditionId, std::int64_t>> serials_;
  std::map<std::string, EditionId> slugs_;
  std::map<KeyOf, Used> keys_;
  market::RuleSettings settings_;
  std::int64_t house_ = 0;
  std::int64_t issued_ = 0;
  std::int64_t receivables_ = 0;
  std::uint64_t made_ = 0;
  mutable Instant at_;
  Instant last_time_;
};

}  // namespace stardrop::simulation
