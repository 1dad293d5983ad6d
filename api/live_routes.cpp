// Who may watch what.
#include "api/live_routes.h"

#include <memory>

#include "api/api.h"
#include "api/feed.h"
#include "api/query_route.h"

namespace stardrop::api {
namespace {

constexpr std::size_t kWatchedMax = 100;

std::vector<std::string_view> split_commas(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    out.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return out;
}

Result<Watch> read_watch(const WatchQuery& query, const std::optional<Principal>& principal) {
  Watch watch;
  const auto editions = split_commas(query.editions);
  const auto accounts = split_commas(query.accounts);
  if (editions.size() > kWatchedMax || accounts.size() > kWatchedMax) {
    return Error(ErrorCode::invalid_value).with("watched_max", std::int64_t{kWatchedMax});
  }
  watch.all_editions = editions.empty();
  for (const std::string_view text : editions) {
    const auto id = EditionId::parse(text);
    if (!id) return Error(ErrorCode::invalid_id).param("editions");
    watch.editions.push_back(*id);
  }
  if (accounts.empty()) return watch;
  if (!principal) return ErrorCode::unauthorized;
  if (query.accounts == "all") {
    if (principal->kind != ledger::KeyKind::operator_key) return ErrorCode::forbidden;
    watch.everything = true;
    return watch;
  }
  for (const std::string_view text : accounts) {
    const auto id = AccountId::parse(text);
    if (!id) return Error(ErrorCode::invalid_id).param("accounts");
    watch.accounts.push_back(*id);
  }
  return watch;
}

/// Waits until the engine has said whether the caller may act for the accounts.
class WatchPending final : public Pending {
 public:
  WatchPending(Call& call, Principal principal, Watch watch, std::int64_t resume, bool websocket)
      : feed_(*call.api.feed()),
        responder_(std::move(call.responder)),
        principal_(std::move(principal)),
        watch_(std::move(watch)),
        resume_(resume),
        websocket_(websocket) {}

  void check(engine::Reader& rows) {
    for (const AccountId id : watch_.accounts) {
      const auto* const row = rows.find<ledger::Account>(id);
      allowed_ = allowed_ && row != nullptr && principal_.caller.may_act_for(*row);
    }
  }

  bool complete(std::optional<engine::Outcome> outcome) override {
    if (outcome) {
      responder_.problem(outcome->error());
    } else if (!allowed_) {
      responder_.problem(ErrorCode::account_not_found);
    } else if (websocket_) {
      feed_.watch_stream(responder_.exchange(), principal_, std::move(watch_), resume_);
    } else {
      feed_.watch_events(responder_.exchange(), principal_, std::move(watch_), resume_);
    }
    return true;
  }

 private:
  Feed& feed_;
  Responder responder_;
  Principal principal_;
  Watch watch_;
  std::int64_t resume_;
  bool websocket_;
  bool allowed_ = true;
};

void open(Call& call, bool websocket) {
  WatchQuery query;
  if (Status decoded = decode_query(call, query); !decoded) {
    return call.responder.problem(decoded.error());
  }
  const http::Request& request = call.responder.request();
  std::optional<Principal> principal;
  if (!request.authorization().empty()) {
    auto found = call.api.authenticate(request, call.now);
    if (!found) return call.responder.problem(found.error());
    principal = *found;
  }
  auto watch = read_watch(query, principal);
  if (!watch) return call.responder.problem(watch.error());
  std::int64_t resume = place_of(query.last_event_id);
  if (!request.last_event_id().empty()) resume = place_of(request.last_event_id());
  Feed* const feed = call.api.feed();
  if (feed == nullptr) return call.responder.problem(ErrorCode::shutting_down);
  if (watch->accounts.empty()) {
    if (websocket) {
      feed->watch_stream(call.responder.exchange(), principal, *std::move(watch), resume);
    } else {
      feed->watch_events(call.responder.exchange(), principal, *std::move(watch), resume);
    }
    return;
  }
  ThreadState& thread = call.thread;
  auto* const pending = new WatchPending(call, *principal, *std::move(watch), resume, websocket);
  thread.submit(pending,
                engine::ReadTask([pending](engine::Reader& rows) { pending->check(rows); }));
}

}  // namespace

void open_stream(Call& call) { open(call, true); }
void open_events(Call& call) { open(call, false); }

}  // namespace stardrop::api
