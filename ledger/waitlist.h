// The waiting list of an edition that is sold out: a place each, in order of arrival.
#pragma once

#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/id.h"
#include "base/table.h"
#include "base/time.h"

namespace stardrop::ledger {

/// A place in line, by position; rank is the number of places before it that are still taken.
struct WaitlistPlace {
  using Key = PairKey;
  static constexpr std::string_view kTable = "waitlist_places";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = true;
  static constexpr bool kOrdered = true;
  static constexpr bool kRanged = true;
  static constexpr bool kHashed = true;

  EditionId edition;
  std::int64_t position = 0;
  AccountId account;
  Instant joined_at;

  PairKey key() const { return {edition.value(), position}; }

  static constexpr auto fields() {
    return std::tuple(
        field("edition", &WaitlistPlace::edition, "The edition."),
        field("position", &WaitlistPlace::position, "Number of the place, in order of arrival."),
        field("account", &WaitlistPlace::account, "Who waits."),
        field("joined_at", &WaitlistPlace::joined_at, "Since when."));
  }
};

/// The lines an account stands in, by account and edition.
struct WaitlistMember {
  using Key = PairKey;
  static constexpr std::string_view kTable = "waitlist_members";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = true;
  static constexpr bool kOrdered = true;
  static constexpr bool kRanged = true;
  static constexpr bool kHashed = true;

  AccountId account;
  EditionId edition;
  std::int64_t position = 0;

  PairKey key() const { return {account.value(), edition.value()}; }

  static constexpr auto fields() {
    return std::tuple(field("account", &WaitlistMember::account, "Who waits."),
                      field("edition", &WaitlistMember::edition, "The edition."),
                      field("position", &WaitlistMember::position, "Number of the place."));
  }
};

}  // namespace stardrop::ledger
