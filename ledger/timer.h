// A timer: something the engine does by itself when its moment has come.
#pragma once

#include <array>
#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/table.h"
#include "base/time.h"

namespace stardrop::ledger {

/// What is due.
enum class TimerKind : std::uint8_t { expire_hold, expire_reservation };
constexpr auto enum_names(TimerKind) {
  return std::array<std::string_view, 2>{"expire_hold", "expire_reservation"};
}

/// A row of the table of timers, in order of their moments.
struct Timer {
  using Key = PairKey;
  static constexpr std::string_view kTable = "timers";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = true;
  static constexpr bool kOrdered = true;
  static constexpr bool kHashed = true;

  Instant due;
  std::int64_t subject = 0;
  TimerKind kind = TimerKind::expire_hold;

  PairKey key() const { return {due.us, subject}; }

  static constexpr auto fields() {
    return std::tuple(field("due", &Timer::due, "Its moment."),
                      field("subject", &Timer::subject, "The id of what it is about."),
                      field("kind", &Timer::kind, "What is to be done."));
  }
};

}  // namespace stardrop::ledger
