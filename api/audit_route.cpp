// GET /v1/audit: a snapshot by the engine's thread, the long work beside it.
#include <memory>

#include "api/api.h"
#include "api/system_routes.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "engine/audit.h"

namespace stardrop::api {
namespace {

/// Waits for the snapshot, then for the audit of it.
class AuditPending final : public Pending {
 public:
  AuditPending(Api& api, ThreadState& thread, Responder responder)
      : api_(api), thread_(thread), responder_(std::move(responder)) {}

  /// On the engine's thread.
  void take_snapshot(engine::Executor& executor) { snapshot_.emplace(executor.snapshot()); }

  bool complete(std::optional<engine::Outcome> outcome) override {
    if (outcome) {
      responder_.problem(outcome->error());
      return true;
    }
    if (!snapshot_->ok()) {
      responder_.problem(snapshot_->error());
      return true;
    }
    const bool begun = api_.run_long_task([this] { run(); });
    if (!begun) {
      responder_.problem(Error(ErrorCode::overloaded)
                             .detail("An audit is running.")
                             .with("retry_after", std::int64_t{5}));
    }
    return !begun;
  }

 private:
  /// On the thread of long tasks.
  void run() {
    engine::AuditOptions options;
    options.salt = entropy64();
    options.clock = &api_.clock();
    auto report =
        std::make_shared<Result<engine::AuditReport>>(engine::audit(*snapshot_->value(), options));
    snapshot_.reset();
    thread_.io->post([this, report] {
      if (report->ok()) {
        responder_.json(200, to_json(report->value()));
      } else {
        responder_.problem(report->error());
      }
      delete this;
    });
  }

  Api& api_;
  ThreadState& thread_;
  Responder responder_;
  std::optional<Result<std::unique_ptr<engine::Snapshot>>> snapshot_;
};

}  // namespace

void audit(Call& call) {
  auto* const pending = new AuditPending(call.api, call.thread, std::move(call.responder));
  call.thread.submit(pending, engine::MaintenanceTask([pending](engine::Executor& executor) {
                       pending->take_snapshot(executor);
                     }));
}

}  // namespace stardrop::api
