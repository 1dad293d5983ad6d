// The rules' settings: limits an operator may change while the engine runs.
#pragma once

#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/table.h"

namespace stardrop::market {

/// One row, changed only by the command `configure`, so that a journal replays under the settings
/// that were in force. The names follow Telegram's client configuration where it has one.
struct RuleSettings {
  using Key = std::int64_t;
  static constexpr std::string_view kTable = "rule_settings";
  static constexpr WritePolicy kWrite = WritePolicy::through;
  static constexpr bool kResident = true;
  static constexpr bool kOrdered = true;
  static constexpr bool kHashed = true;

  std::int64_t id = 1;
  bool stargifts_blocked = false;
  bool stars_purchase_blocked = false;
  bool stars_gifts_enabled = true;
  std::int64_t stargifts_message_length_max = 128;
  std::int64_t gift_stars_max = 100'000'000;
  std::int64_t top_up_stars_max = 1'000'000'000'000;
  std::int64_t stars_gift_max = 1'000'000'000'000;
  std::int64_t reservation_s = 600;
  std::int64_t reservation_max_s = 3600;
  std::int64_t waitlist_claim_s = 900;
  std::int64_t waitlist_max = 1'000'000;
  std::int64_t hold_max_s = 2'678'400;

  std::int64_t key() const { return id; }
  friend bool operator==(const RuleSettings&, const RuleSettings&) = default;

  static constexpr auto fields() {
    using S = RuleSettings;
    return std::tuple(
        field("id", &S::id, "Always 1.").as_internal(),
        field("stargifts_blocked", &S::stargifts_blocked, "No gift can be bought.").or_default(),
        field("stars_purchase_blocked", &S::stars_purchase_blocked, "No Stars can be bought.")
            .or_default(),
        field("stars_gifts_enabled", &S::stars_gifts_enabled, "Stars can be given away.")
            .or_default(),
        field("stargifts_message_length_max", &S::stargifts_message_length_max,
              "Most characters of a gift's text.")
            .between(0, 4096)
            .or_default(),
        field("gift_stars_max", &S::gift_stars_max, "Highest price of an edition.")
            .between(1, 1'000'000'000'000)
            .or_default(),
        field("top_up_stars_max", &S::top_up_stars_max, "Most Stars of one top-up.")
            .between(1, 1'000'000'000'000)
            .or_default(),
        field("stars_gift_max", &S::stars_gift_max, "Most Stars given at once.")
            .between(1, 1'000'000'000'000)
            .or_default(),
        field("reservation_s", &S::reservation_s, "How long a reservation keeps stock, seconds.")
            .between(1, 86'400)
            .or_default(),
        field("reservation_max_s", &S::reservation_max_s, "Longest a checkout may ask for.")
            .between(1, 604'800)
            .or_default(),
        field("waitlist_claim_s", &S::waitlist_claim_s,
              "How long returned stock waits for the head of the waiting list, seconds.")
            .between(1, 604'800)
            .or_default(),
        field("waitlist_max", &S::waitlist_max, "Most accounts on one waiting list.")
            .between(0, 10'000'000)
            .or_default(),
        field("hold_max_s", &S::hold_max_s, "Longest a hold may last, seconds.")
            .between(1, 31'536'000)
            .or_default());
  }
};

}  // namespace stardrop::market
