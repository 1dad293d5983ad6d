// Personal data: kept only sealed, under a key per account that erasing the account destroys.
#pragma once

#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/id.h"
#include "base/table.h"

namespace stardrop::ledger {

/// The key of an account's personal data, itself sealed under the master key. Not journalled and
/// not part of the state hash: it must be possible to destroy it for good.
struct PersonalKey {
  using Key = AccountId;
  static constexpr std::string_view kTable = "personal_keys";
  static constexpr WritePolicy kWrite = WritePolicy::through;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = false;

  AccountId account;
  Bytes sealed;

  AccountId key() const { return account; }

  static constexpr auto fields() {
    return std::tuple(field("account", &PersonalKey::account, "The account."),
                      field("sealed", &PersonalKey::sealed, "The key, sealed."));
  }
};

/// What an account is called.
struct Profile {
  using Key = AccountId;
  static constexpr std::string_view kTable = "profiles";
  static constexpr WritePolicy kWrite = WritePolicy::append;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  AccountId account;
  Bytes name;

  AccountId key() const { return account; }

  static constexpr auto fields() {
    return std::tuple(field("account", &Profile::account, "The account."),
                      field("name", &Profile::name, "Its name, sealed under its own key."));
  }
};

}  // namespace stardrop::ledger
