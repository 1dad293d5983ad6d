// Routes that only a development server has: its clock, and Stars for nothing.
#pragma once

#include <cstdint>
#include <tuple>

#include "api/route.h"
#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"

namespace stardrop::api {

/// Most Stars the faucet gives at once.
inline constexpr std::int64_t kFaucetStarsMax = 1'000'000;
/// What top-ups of the faucet name as their provider.
inline constexpr std::string_view kFaucetProvider = "faucet";

/// Stars for nothing.
struct Faucet {
  AccountId account;
  Stars stars;

  static constexpr auto fields() {
    return std::tuple(field("account", &Faucet::account, "Who gets the Stars."),
                      field("stars", &Faucet::stars, "How many whole Stars.")
                          .between(1, kFaucetStarsMax)
                          .like("1000"));
  }
};

/// GET /v1/dev/clock
void read_dev_clock(Call& call);
/// POST /v1/dev/clock: moves the clock forward, and answers when everything that was due until then
/// has happened.
void move_dev_clock(Call& call);
/// POST /v1/dev/faucet: a final top-up that nobody paid for.
void run_faucet(Call& call);

}  // namespace stardrop::api
