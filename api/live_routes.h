// GET /v1/stream (WebSocket) and GET /v1/events (server-sent events).
#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "api/route.h"
#include "base/fields.h"

namespace stardrop::api {

/// What a watcher may ask for. Without anything: every edition.
struct WatchQuery {
  std::string editions;
  std::string accounts;
  std::string last_event_id;
  static constexpr auto fields() {
    using Q = WatchQuery;
    return std::tuple(
        field("editions", &Q::editions, "Edition ids, separated by commas; left out: all.")
            .or_default(),
        field("accounts", &Q::accounts,
              "Accounts whose private events to send too (needs a key that may act for them); "
              "`all` for an operator.")
            .or_default(),
        field("last_event_id", &Q::last_event_id,
              "Continue behind this event; the same as the Last-Event-ID header.")
            .or_default());
  }
};

/// Both answer with a snapshot, then what was missed, then what happens.
void open_stream(Call& call);
void open_events(Call& call);

}  // namespace stardrop::api
