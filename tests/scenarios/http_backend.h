// Scenarios over HTTP: each line is a request to a real server, its answer becomes the facts.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/route.h"
#include "base/json_reader.h"
#include "engine/store.h"
#include "tests/api/api_world.h"
#include "tests/support/scenario.h"

namespace stardrop::testing {

/// An API on a store. It starts when an ExecutorBackend does.
class HttpBackend final : public Backend {
 public:
  explicit HttpBackend(engine::Store& store);

  /// What can't be told over HTTP goes to the engine behind the server: commands without a route,
  /// and those that no key of the caller's kind is let in for, once the door has said so.
  Answer submit(const Ask& ask) override;
  /// The row as the engine has it; what a GET route tells of it is taken from there.
  std::optional<Facts> look(const std::string& id) override;
  Instant now() override { return world_.clock.now(); }
  void set_clock(Instant at) override { world_.advance(at.since(now())); }

  api::test::ApiWorld& world() noexcept { return world_; }

 private:
  Answer submit_to_route(const api::Route& route, const Ask& ask);
  Answer submit_to_engine(const Ask& ask);
  std::string secret_of(const market::Caller& caller);
  std::optional<Facts> get(const std::string& id);
  std::optional<Facts> get_from(std::string_view pattern, const std::string& id);
  std::optional<Facts> get_from_list(const std::string& path, const std::string& id);

  std::map<std::pair<market::CallerKind, AccountId>, std::string> secrets_;
  std::map<std::string, std::string_view> patterns_;  // of GET routes, by the prefix of ids
  JsonDocument answered_;
  /// What the engine did when it was due and no line has told of yet. Written by its thread.
  std::atomic<std::int64_t> handled_{0};
  int keys_ = 0;
  api::test::ApiWorld world_;  // last: its engine's thread is gone before the rest
};

/// The commands that have no route, in order of the list.
std::vector<std::string> commands_without_route();

}  // namespace stardrop::testing
