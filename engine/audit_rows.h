// The part of the audit that looks at rows: what each must be, and what must add up.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "engine/audit.h"
#include "engine/equation.h"
#include "engine/snapshot.h"
#include "engine/state_hash.h"

namespace stardrop::engine {

/// Notes violations, up to a number, and counts all.
class Findings {
 public:
  Findings(AuditReport& report, std::size_t listed_max) noexcept
      : report_(report), listed_max_(listed_max) {}
  void add(std::string_view invariant, std::string subject, std::string detail) {
    ++report_.violations_total;
    if (report_.violations.size() >= listed_max_) return;
    report_.violations.push_back({std::string(invariant), std::move(subject), std::move(detail)});
  }

 private:
  AuditReport& report_;
  std::size_t listed_max_;
};

/// The equations of an audit, by name.
struct Equations;

/// Goes through the rows of a snapshot. Scans once, and once more if something does not add up.
class RowAudit {
 public:
  RowAudit(AuditReport& report, Findings& findings, const AuditOptions& options);

  Status run(Snapshot& snapshot);

 private:
  /// What later tables need to know of an edition.
  struct EditionFacts {
    bool capped = false;
    bool unlimited = false;
    std::int64_t waitlist_last = 0;
  };
  __extension__ using Wide = __int128;

  RowVisitor visitor();
  void look(const ledger::Account& row);
  void look(const ledger::Transfer& row);
  void look_at_lists(const ledger::Transfer& row);
  void look_at_reason(const ledger::Transfer& row);
  void look(const ledger::Funding& row);
  void look(const ledger::TopUp& row);
  void look(const ledger::Payment& row);
  void look(const ledger::Hold& row);
  void look(const ledger::Lots& row);
  void look(const ledger::Edition& row);
  void look_at_serials(const ledger::Edition& row);
  void look(const ledger::StockSlice& row);
  void look(const ledger::EditionSlug& row);
  void look(const ledger::Tally& row);
  void look(const ledger::FreeSerial& row);
  void look(const ledger::Reservation& row);
  void look(const ledger::OpenReservation& row);
  void look(const ledger::WaitlistPlace& row);
  void look(const ledger::WaitlistMember& row);
  void look(const ledger::Timer& row);
  void look(const market::Gift& row);
  void look(const market::GiftText& row);
  void finish_totals();
  void finish_equations();
  /// Notes a violation of a single row, the first time the rows are shown.
  template <class Subject>
  void require(bool holds, std::string_view invariant, Subject&& subject, const char* detail) {
    if (holds || naming_) [[likely]]
      return;
    findings_.add(invariant, subject(), detail);
  }

  AuditReport& report_;
  Findings& findings_;
  const AuditOptions& options_;
  bool naming_ = false;
  std::shared_ptr<Equations> sums_;
  std::unordered_map<std::int64_t, EditionFacts> editions_;
  StateHash hash_;
  Wide stars_ = 0;
  Wide grams_ = 0;
  Wide accounts_ = 0;
  Wide held_ = 0;
  Wide reversible_ = 0;
  Wide owed_ = 0;
  Wide grams_accounts_ = 0;
  Wide grams_held_ = 0;
  std::int64_t issuer_ = 0;
  std::int64_t house_ = 0;
  std::int64_t receivables_ = 0;
  int system_accounts_ = 0;
};

}  // namespace stardrop::engine
