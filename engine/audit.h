// The audit: every invariant recomputed from all rows, and the journal's chain walked to its end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "engine/snapshot.h"

namespace stardrop::engine {

/// Something that must hold and does not.
struct Violation {
  std::string invariant;
  std::string subject;
  std::string detail;

  static constexpr auto fields() {
    return std::tuple(
        field("invariant", &Violation::invariant, "What must hold."),
        field("subject", &Violation::subject, "The row it doesn't hold for."),
        field("detail", &Violation::detail, "In which way, with the difference if it is a sum."));
  }
};

/// How much an audit looked at.
struct AuditCounts {
  std::int64_t accounts = 0;
  std::int64_t transfers = 0;
  std::int64_t holds = 0;
  std::int64_t top_ups = 0;
  std::int64_t editions = 0;
  std::int64_t gifts = 0;
  std::int64_t reservations = 0;
  std::int64_t waitlist_places = 0;
  std::int64_t timers = 0;
  std::int64_t rows = 0;
  std::int64_t journal_batches = 0;
  std::int64_t journal_entries = 0;

  static constexpr auto fields() {
    using C = AuditCounts;
    return std::tuple(field("accounts", &C::accounts, "Accounts, the engine's own three included."),
                      field("transfers", &C::transfers, "Transfers; each has two sides."),
                      field("holds", &C::holds, "Holds, open or not."),
                      field("top_ups", &C::top_ups, "Top-ups."),
                      field("editions", &C::editions, "Editions."),
                      field("gifts", &C::gifts, "Gifts, refunded ones included."),
                      field("reservations", &C::reservations, "Reservations, open or not."),
                      field("waitlist_places", &C::waitlist_places, "Places on waiting lists."),
                      field("timers", &C::timers, "Timers."),
                      field("rows", &C::rows, "Rows of every table together."),
                      field("journal_batches", &C::journal_batches, "Batches of the journal."),
                      field("journal_entries", &C::journal_entries, "Operations of the journal."));
  }
};

/// Who has the Stars and Grams there are. Decimal texts, exact.
struct Circulation {
  std::string issued;
  std::string accounts;
  std::string house;
  std::string receivables;
  std::string held;
  std::string reversible;
  std::string grams_accounts;
  std::string grams_held;

  static constexpr auto fields() {
    using C = Circulation;
    return std::tuple(
        field("issued", &C::issued, "Stars in circulation: the issuer's negative balance."),
        field("accounts", &C::accounts, "What users, bots and channels have of them."),
        field("house", &C::house, "What the house has of them."),
        field("receivables", &C::receivables, "What is owed from reversed payments."),
        field("held", &C::held, "The part set aside by holds."),
        field("reversible", &C::reversible, "The part whose payment can still be taken back."),
        field("grams_accounts", &C::grams_accounts, "Grams that accounts and the house have."),
        field("grams_held", &C::grams_held, "The part of them set aside by holds."));
  }
};

/// Where a lane of the journal stands: one writer's operations, chained by hash.
struct LaneMark {
  std::int64_t lane = 0;
  OpId op;
  Instant at;
  std::string chain;
  std::int64_t entries = 0;

  static constexpr auto fields() {
    using M = LaneMark;
    return std::tuple(field("lane", &M::lane, "The writer's number."),
                      field("op", &M::op, "Its last operation."),
                      field("at", &M::at, "The time of it."),
                      field("chain", &M::chain, "The hash of it, which stands for all before."),
                      field("entries", &M::entries, "Number of operations up to it."));
  }
  friend bool operator==(const LaneMark&, const LaneMark&) = default;
};

/// The verdict of an audit.
struct AuditReport {
  bool ok = false;
  AuditCounts checked;
  std::vector<Violation> violations;
  std::int64_t violations_total = 0;
  Circulation circulation;
  std::vector<LaneMark> lanes;
  std::string state_hash;
  std::int64_t milliseconds = 0;

  static constexpr auto fields() {
    using R = AuditReport;
    return std::tuple(
        field("ok", &R::ok, "Whether every invariant holds."),
        field("checked", &R::checked, "How much was looked at."),
        field("violations", &R::violations, "What does not hold; the first ones."),
        field("violations_total", &R::violations_total, "Number of them, at least."),
        field("circulation", &R::circulation, "Who has the Stars and Grams there are."),
        field("lanes", &R::lanes, "Where each lane of the journal stands."),
        field("state_hash", &R::state_hash, "The hash of all rows; empty if not asked for."),
        field("milliseconds", &R::milliseconds, "How long the audit took."));
  }
};

/// What an audit looks at.
struct AuditOptions {
  bool rows = true;
  bool journal = true;
  bool state_hash = true;
  /// Most violations that are listed; all are counted.
  std::size_t violations_max = 100;
  /// Makes the weights of the sums unpredictable to whoever wrote the rows.
  std::uint64_t salt = 0;
  /// Measures how long it took; may be null.
  const Clock* clock = nullptr;
};

/// Audits one moment of a store. Memory does not grow with the rows, but for 8 bytes per
/// idempotency key. Refused with storage_unavailable; whatever is wrong with the data is in the
/// report. Any thread, beside a running engine: the engine's thread flushes the store and makes
/// the snapshot.
Result<AuditReport> audit(Snapshot& snapshot, const AuditOptions& options);

}  // namespace stardrop::engine
