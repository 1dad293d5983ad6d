// Routes that only a development server has.
#include "api/dev_routes.h"

#include <memory>

#include "api/command_route.h"
#include "api/dev_clock.h"
#include "base/hash.h"

namespace stardrop::api {
namespace {

/// Waits until the engine has done everything that is due by the moved clock.
class MovePending final : public Pending {
 public:
  MovePending(ThreadState& thread, Responder responder, const DevClock::Move& move)
      : thread_(thread), responder_(std::move(responder)), move_(move) {}

  engine::MaintenanceTask look() {
    return [this](engine::Executor& executor) {
      const Instant next = executor.next_timer();
      due_ = next.is_set() && next <= executor.now();
      stuck_ = looked_ && due_ && executor.head().last_op == last_op_;
      last_op_ = executor.head().last_op;
      looked_ = true;
    };
  }

  bool complete(std::optional<engine::Outcome> outcome) override {
    if (outcome) {  // the queue was full
      responder_.problem(outcome->error());
    } else if (stuck_) {  // a round of timers went by and changed nothing
      const bool failing = thread_.api.engine().storage_failing();
      responder_.problem(failing ? ErrorCode::storage_unavailable : ErrorCode::internal);
    } else if (due_) {
      std::vector<engine::Work> again;
      again.push_back({&thread_, this, look()});
      thread_.api.engine().submit(std::move(again));
      return false;
    } else {
      static constexpr http::HeaderField kReplayed[] = {{"Idempotency-Replayed", "true"}};
      responder_.json(200, to_json(move_.reading),
                      move_.replayed ? std::span<const http::HeaderField>(kReplayed)
                                     : std::span<const http::HeaderField>());
    }
    return true;
  }

 private:
  ThreadState& thread_;
  Responder responder_;
  DevClock::Move move_;
  bool looked_ = false;
  bool due_ = false;
  bool stuck_ = false;
  OpId last_op_;
};

/// Decodes the body of a request. Refused with what the reader and `decode_object` refuse.
template <Described T>
Status decode_body(Call& call, T& out) {
  const std::string_view body = call.responder.request().body;
  STARDROP_TRY(call.thread.document.parse(body.empty() ? "{}" : body));
  return decode_object(call.thread.document.root(), out);
}

}  // namespace

void read_dev_clock(Call& call) {
  call.responder.json(200, to_json(call.api.options().dev_clock->read()));
}

void move_dev_clock(Call& call) {
  const http::Request& request = call.responder.request();
  if (auto refused = check_idempotency_key(request, false)) return call.responder.problem(*refused);
  MoveClock wanted;
  if (Status decoded = decode_body(call, wanted); !decoded) {
    return call.responder.problem(decoded.error());
  }
  const auto move = call.api.options().dev_clock->move(wanted, request.idempotency_key());
  if (!move) return call.responder.problem(move.error());
  ThreadState& thread = call.thread;
  auto* const pending = new MovePending(thread, std::move(call.responder), *move);
  thread.submit(pending, pending->look());
}

void run_faucet(Call& call) {
  const http::Request& request = call.responder.request();
  if (auto refused = check_idempotency_key(request, true)) return call.responder.problem(*refused);
  Faucet wanted;
  if (Status decoded = decode_body(call, wanted); !decoded) {
    return call.responder.problem(decoded.error());
  }
  const std::string_view key = request.idempotency_key();
  market::TopUp command;
  command.account = wanted.account;
  command.stars = wanted.stars;
  command.provider = kFaucetProvider;
  // One payment per key, so that the same request sent again is the same payment.
  command.reference = hex(bytes_of(sha256(key))).substr(0, 32);
  engine::Request work;
  work.caller = call.principal.caller;
  work.idempotency_key = std::string(key);
  work.fingerprint = call.api.fingerprint(market::TopUp::kCode, to_binary(command));
  work.command = command;
  ThreadState& thread = call.thread;
  auto pending = std::make_unique<CommandPending<market::TopUp>>(
      std::move(call.responder), call.route.success, std::move(command));
  thread.submit(pending.release(), std::move(work));
}

}  // namespace stardrop::api
