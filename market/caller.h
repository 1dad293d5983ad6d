// The caller of a command: who asks, and for whom they may act.
#pragma once

#include <array>
#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/id.h"
#include "ledger/account.h"

namespace stardrop::market {

/// The engine itself (timers, settings), the operator, an app, or a user.
enum class CallerKind : std::uint8_t { engine, operator_, app, user };
constexpr auto enum_names(CallerKind) {
  return std::array<std::string_view, 4>{"engine", "operator", "app", "user"};
}

/// Who asks. Idempotency keys are per caller.
struct Caller {
  CallerKind kind = CallerKind::engine;
  AccountId account;  // the app's bot account, or the user; unset for the others

  /// Whether the caller may act for `account`. What it may not act for, it is told isn't there.
  bool may_act_for(const ledger::Account& row) const noexcept {
    switch (kind) {
      case CallerKind::engine:
      case CallerKind::operator_: return true;
      case CallerKind::app: return row.app == account || row.id == account;
      case CallerKind::user: return row.id == account;
    }
    return false;
  }
  bool is_operator() const noexcept {
    return kind == CallerKind::operator_ || kind == CallerKind::engine;
  }
  friend bool operator==(const Caller&, const Caller&) = default;

  static constexpr auto fields() {
    return std::tuple(field("kind", &Caller::kind, "What the caller is."),
                      field("account", &Caller::account, "Whose key it is."));
  }
};

}  // namespace stardrop::market
