// The workload: what many people ask for, likely and unlikely, sensible and hostile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/simulation/model.h"
#include "base/random.h"

namespace stardrop::simulation {

/// Makes requests from a seed. It looks at the model to know who and what there is, never to know
/// what will come of a request.
class Workload {
 public:
  explicit Workload(std::uint64_t seed) noexcept : random_(seed) {}

  /// The next request. `clock` is what the clock shows.
  engine::Request next(const Model& model, Instant clock);
  /// A number below `bound`, from the same seed.
  std::uint64_t below(std::uint64_t bound) noexcept { return random_.below(bound); }
  /// True once in `n` times.
  bool once_in(std::uint64_t n) noexcept { return random_.below(n) == 0; }

  /// The names of the commands it makes.
  static std::vector<std::string_view> commands();

 private:
  using Make = market::AnyCommand (Workload::*)(const Model&, Instant, market::Caller&);
  struct Entry {
    std::string_view command;
    std::uint64_t weight;
    Make make;
  };
  static const std::vector<Entry>& entries();

  market::AnyCommand create_account(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand top_up(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand create_edition(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand send_gift(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand configure(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand create_key(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand transfer_stars(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand place_hold(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand release_hold(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand capture_hold(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand lease_stock(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand settle_stock(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand run_timers(const Model& model, Instant clock, market::Caller& caller);

  market::AnyCommand update_account(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand erase_account(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand reverse_top_up(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand report_reversal(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand refund_transfer(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand update_edition(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand import_catalog(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand refund_gift(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand reserve_gift(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand use_reservation(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand release_reservation(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand join_waitlist(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand leave_waitlist(const Model& model, Instant clock, market::Caller& caller);
  market::AnyCommand revoke_key(const Model& model, Instant clock, market::Caller& caller);

  template <class Things>
  typename Things::key_type one_of(const Things& things);
  AccountId somebody(const Model& model);
  EditionId something(const Model& model);
  /// Of the newest rather: most older ones have ended.
  template <class Things>
  typename Things::key_type newer_of(const Things& things);
  /// A payment that is known, or will be.
  void name_payment(const Model& model, std::string& provider, std::string& reference);
  market::Caller user_or_app(const Model& model, AccountId account);

  Random random_;
  std::int64_t made_ = 0;
  std::vector<engine::Request> past_;
};

}  // namespace stardrop::simulation
