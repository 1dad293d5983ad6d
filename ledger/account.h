// An account: somebody who has Stars and gifts.
#pragma once

#include <array>
#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/table.h"

namespace stardrop::ledger {

/// Whose account it is. The last three exist once each and belong to the engine itself.
enum class AccountKind : std::uint8_t { user, bot, channel, issuer, house, receivables };
constexpr auto enum_names(AccountKind) {
  return std::array<std::string_view, 6>{"user",   "bot",   "channel",
                                         "issuer", "house", "receivables"};
}

/// The account whose negative balance is the circulation.
inline constexpr AccountId kIssuer{1};
/// The operator's own account: sales, commissions.
inline constexpr AccountId kHouse{2};
/// The account whose negative balance is what others owe from reversed payments.
inline constexpr AccountId kReceivables{3};

/// Whether `id` is one of the engine's own accounts.
constexpr bool is_system_account(AccountId id) noexcept {
  return id.value() >= 1 && id.value() <= 3;
}

/// A row of the table of accounts. `available = posted − held`, per currency.
struct Account {
  using Key = AccountId;
  static constexpr std::string_view kTable = "accounts";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  AccountId id;
  AccountKind kind = AccountKind::user;
  AccountId app;
  bool premium = false;
  bool erased = false;
  Stars posted;
  Stars held;
  Grams grams_posted;
  Grams grams_held;
  Stars owed;
  Stars reversible;
  TransferId newest_transfer;
  GiftId newest_gift;
  std::int64_t gifts = 0;

  AccountId key() const { return id; }
  Stars available() const { return Stars::units(posted.units() - held.units()); }
  Grams grams_available() const { return Grams::units(grams_posted.units() - grams_held.units()); }

  static constexpr auto fields() {
    return std::tuple(
        field("id", &Account::id, "The account."), field("kind", &Account::kind, "Whose it is."),
        field("app", &Account::app, "The bot account whose key made it and may act for it."),
        field("premium", &Account::premium, "Whether it may buy premium-only editions."),
        field("erased", &Account::erased, "Whether its personal data was destroyed."),
        field("posted", &Account::posted, "Every Star it owns."),
        field("held", &Account::held, "The part set aside by holds."),
        field("grams_posted", &Account::grams_posted, "Every Gram it owns."),
        field("grams_held", &Account::grams_held, "The part set aside by holds."),
        field("owed", &Account::owed, "What a reversed payment left it owing."),
        field("reversible", &Account::reversible,
              "The part of posted that came from payments that can still be taken back."),
        field("newest_transfer", &Account::newest_transfer, "Head of its list of transfers."),
        field("newest_gift", &Account::newest_gift, "Head of its list of received gifts."),
        field("gifts", &Account::gifts, "Number of gifts ever received."));
  }
};

/// The engine's own accounts, as a new store has them.
inline std::array<Account, 3> system_accounts() {
  std::array<Account, 3> out;
  out[0].id = kIssuer;
  out[0].kind = AccountKind::issuer;
  out[1].id = kHouse;
  out[1].kind = AccountKind::house;
  out[2].id = kReceivables;
  out[2].kind = AccountKind::receivables;
  return out;
}

}  // namespace stardrop::ledger
