// From the transport to the routes, and from the engine back.
#include "api/api.h"

#include <mutex>

#include "api/problem.h"
#include "base/binary.h"

namespace stardrop::api {

void ThreadState::submit(Pending* pending, engine::Request request) {
  collected.push_back({this, pending, std::move(request)});
}

void ThreadState::submit(Pending* pending, engine::ReadTask task) {
  collected.push_back({this, pending, std::move(task)});
}

void ThreadState::submit(Pending* pending, engine::MaintenanceTask task) {
  collected.push_back({this, pending, std::move(task)});
}

void ThreadState::deliver(std::vector<engine::Delivery>&& deliveries) {
  auto shared = std::make_shared<std::vector<engine::Delivery>>(std::move(deliveries));
  io->post([shared] {
    for (engine::Delivery& delivery : *shared) {
      auto* const pending = static_cast<Pending*>(delivery.ticket);
      if (pending->complete(std::move(delivery.outcome))) delete pending;
    }
  });
}

Api::Api(engine::Engine& engine, const Clock& clock, ApiOptions options, std::size_t io_threads)
    : engine_(engine),
      clock_(clock),
      options_(std::move(options)),
      router_(all_routes(options_.dev_clock != nullptr)),
      cursors_(std::string(bytes_of(hmac_sha256(
          {reinterpret_cast<const char*>(options_.master_key.data()), options_.master_key.size()},
          "cursors")))),
      rates_(options_.rates),
      metrics_(all_routes(options_.dev_clock != nullptr)),
      fingerprint_secret_(bytes_of(hmac_sha256(
          {reinterpret_cast<const char*>(options_.master_key.data()), options_.master_key.size()},
          "fingerprints"))) {
  for (std::size_t i = 0; i < io_threads; ++i) {
    threads_.push_back(std::make_unique<ThreadState>(*this));
  }
}

Api::~Api() {
  if (long_task_.joinable()) long_task_.join();
}

bool Api::run_long_task(std::function<void()> task) {
  if (long_task_runs_.exchange(true)) return false;
  if (long_task_.joinable()) long_task_.join();
  long_task_ = std::thread([this, work = std::move(task)] {
    work();
    long_task_runs_ = false;
  });
  return true;
}

void Api::reset(engine::Executor& executor) {
  keys_.reset(executor.state());
  checkouts_.reset(executor);
}

void Api::on_commit(const engine::BatchReport& report) {
  keys_.update(report.state);
  checkouts_.update(report.state);
  reversals_.update(report.events);
}

void Api::set_rates(const RateLimits& rates) {
  const std::unique_lock lock(rates_mutex_);
  rates_ = rates;
}

RateLimits Api::rates() const {
  const std::shared_lock lock(rates_mutex_);
  return rates_;
}

Result<OpenCheckouts::Place> Api::checkout_place(const Principal& caller, std::string_view key) {
  /// Room comes when a reservation is used, given back, or expires: soon, but nobody knows when.
  constexpr std::int64_t kRetryAfterS = 5;
  const std::int64_t most = rates().reservations_per_app;
  if (caller.kind != ledger::KeyKind::app_key || most == 0) return OpenCheckouts::Place();
  // A reservation that was made before must still be answered with its success.
  if (engine_.key_was_used(caller.caller, key).value_or(false)) return OpenCheckouts::Place();
  const AccountId app = caller.caller.account;
  if (OpenCheckouts::Place place = checkouts_.take(app, most)) return place;
  return Error(ErrorCode::rate_limited)
      .detail("The app has as many open reservations as it may.")
      .with("reservations_per_app", most)
      .with("open", checkouts_.open(app))
      .with("retry_after", kRetryAfterS);
}

Status Api::admit_reversal(const Principal& caller, std::string_view key) {
  // One that was carried out before must still be answered with its success.
  if (engine_.key_was_used(caller.caller, key).value_or(false)) return done();
  const std::int64_t per_minute = rates().reversals_per_minute;
  if (per_minute == 0) return done();
  // Nodes don't ask each other: each passes its part.
  const auto writers = static_cast<std::int64_t>(engine_.stats().writers.load());
  return reversals_.admit(std::max<std::int64_t>(per_minute / writers, 1), clock_.now());
}

ThreadState& Api::state_of(http::IoThread& thread) {
  ThreadState& state = *threads_[thread.index()];
  state.io = &thread;
  return state;
}

std::uint64_t Api::fingerprint(std::uint16_t code, std::string_view canonical) const {
  std::string head = fingerprint_secret_;
  BinaryWriter(head).varint(code);
  return leading64(sha256(head, canonical));
}

Digest Api::derived_secret(const market::Caller& caller, std::string_view idempotency_key) const {
  std::string what = "key/" + to_binary(caller);
  what += idempotency_key;
  if (idempotency_key.empty()) what += std::to_string(entropy64());
  return hmac_sha256(
      {reinterpret_cast<const char*>(options_.master_key.data()), options_.master_key.size()},
      what);
}

Result<Principal> Api::authenticate(const http::Request& request, Instant now) const {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view given = request.authorization();
  if (!given.starts_with(kBearer) || given.size() > 512) return ErrorCode::unauthorized;
  const auto found = keys_.find(given.substr(kBearer.size()), now);
  if (!found) return ErrorCode::unauthorized;
  return *found;
}

/// The network of the client as rates count it.
std::string Api::limited_client(const http::Request& request) const {
  return http::limited_network(options_.trusted_proxies.client_of(request, options_.proxy_header));
}

Status Api::check_rate(const http::Request& request,
                       const Principal* principal,
                       Instant now,
                       Verdict& verdict) {
  const RateLimits rates = this->rates();
  if (principal == nullptr) {
    verdict = limiter_.take(limiter_name("address", limited_client(request)), rates.anonymous, now);
  } else if (principal->kind == ledger::KeyKind::app_key) {
    verdict = limiter_.take(limiter_name("app", principal->caller.account.text()), rates.app, now);
  } else if (principal->kind == ledger::KeyKind::user_token) {
    verdict =
        limiter_.take(limiter_name("user", principal->caller.account.text()), rates.user, now);
  }
  if (verdict.allowed) return done();
  return Error(ErrorCode::rate_limited).with("retry_after", verdict.retry_after_s());
}

void Api::handle(http::ExchangePtr exchange) {
  const http::Request& request = exchange->request();
  const Instant now = clock_.now();
  Router::Match match = router_.find(request.method, request.path);
  Responder responder(*this, std::move(exchange), match.route, now.us);
  if (match.route == nullptr) {
    if (!match.path_known) return responder.problem(ErrorCode::not_found);
    const http::HeaderField allow[] = {{"Allow", match.allowed}};
    return responder.problem(ErrorCode::method_not_allowed, allow);
  }
  const Route& route = *match.route;
  Principal principal;
  const bool needs_key = route.access != Access::everyone;
  if (needs_key) {
    auto found = authenticate(request, now);
    if (!found) {
      const Verdict guess =
          limiter_.take(limiter_name("guess", limited_client(request)), rates().failed_logins, now);
      if (guess.allowed) return responder.problem(found.error());
      return responder.problem(
          Error(ErrorCode::rate_limited).with("retry_after", guess.retry_after_s()));
    }
    principal = *found;
    if (!route_allows(route, principal)) return responder.problem(ErrorCode::forbidden);
  }
  Verdict verdict;
  if (Status within = check_rate(request, needs_key ? &principal : nullptr, now, verdict);
      !within) {
    return responder.problem(within.error());
  }
  if (request.method == http::Method::post && !request.body.empty() &&
      !request.content_type().starts_with(kJson)) {
    return responder.problem(ErrorCode::unsupported_media_type);
  }
  ThreadState& thread = state_of(responder.exchange()->thread());
  Call call{*this, thread, std::move(responder), route, principal, match.path_values, now};
  route.run(call);
}

void Api::after_reads(http::IoThread& thread) {
  ThreadState& state = state_of(thread);
  if (state.collected.empty()) return;
  engine_.submit(std::move(state.collected));
  state.collected.clear();
}

}  // namespace stardrop::api
