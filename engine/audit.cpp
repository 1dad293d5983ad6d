// The audit's frame: rows, journal, verdict.
#include "engine/audit.h"

#include "engine/audit_journal.h"
#include "engine/audit_rows.h"

namespace stardrop::engine {

Result<AuditReport> audit(Snapshot& snapshot, const AuditOptions& options) {
  const Instant began = options.clock != nullptr ? options.clock->now() : Instant();
  AuditReport report;
  Findings findings(report, options.violations_max);
  if (options.rows || options.state_hash) {
    STARDROP_TRY(RowAudit(report, findings, options).run(snapshot));
  }
  if (options.journal) STARDROP_TRY(audit_journal(snapshot, report, findings));
  report.ok = report.violations_total == 0;
  if (options.clock != nullptr) report.milliseconds = options.clock->now().since(began).us / 1000;
  return report;
}

}  // namespace stardrop::engine
