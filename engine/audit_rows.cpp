// Rows one by one, and their sums.
#include "engine/audit_rows.h"

#include "engine/audit_equations.h"

namespace stardrop::engine {
namespace {

using ledger::is_system_account;

__extension__ using Wide = __int128;

std::string stars_text(Wide units) { return Stars::units(static_cast<std::int64_t>(units)).text(); }
std::string grams_text(Wide units) { return Grams::units(static_cast<std::int64_t>(units)).text(); }

}  // namespace

RowAudit::RowAudit(AuditReport& report, Findings& findings, const AuditOptions& options)
    : report_(report),
      findings_(findings),
      options_(options),
      sums_(std::make_shared<Equations>(options.salt)) {}

Status RowAudit::run(Snapshot& snapshot) {
  STARDROP_TRY(snapshot.scan(visitor()));
  if (options_.state_hash) report_.state_hash = hash_.text();
  if (!options_.rows) return done();
  finish_totals();
  bool holds = true;
  sums_->for_each([&](const Equation& each) { holds = holds && each.holds(); });
  if (holds) return done();
  naming_ = true;
  sums_->for_each([](Equation& each) { each.begin_naming(); });
  STARDROP_TRY(snapshot.scan(visitor()));
  finish_equations();
  return done();
}

RowVisitor RowAudit::visitor() {
  RowVisitor out;
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    out.on<Row>([this](const Row& row) {
      if (!naming_) {
        ++report_.checked.rows;
        if constexpr (Row::kHashed) {
          if (options_.state_hash) hash_.add(row);
        }
      }
      if constexpr (requires { look(row); }) {
        if (options_.rows) look(row);
      }
    });
  });
  return out;
}

void RowAudit::look(const ledger::Account& row) {
  const auto id = static_cast<std::uint64_t>(row.id.value());
  const auto name = named(row.id);
  sums_->stars.left(id, row.posted.units(), name);
  sums_->grams.left(id, row.grams_posted.units(), name);
  sums_->held.left(id, row.held.units(), name);
  sums_->grams_held.left(id, row.grams_held.units(), name);
  sums_->reversible.left(id, row.reversible.units(), name);
  sums_->gift_counts.left(id, row.gifts, name);
  if (row.newest_transfer.is_set()) {
    sums_->transfer_lists.left(item_of(id, row.newest_transfer.value()), 1,
                               named(row.id, row.newest_transfer));
  }
  if (row.newest_gift.is_set()) {
    sums_->gift_lists.left(item_of(id, row.newest_gift.value()), 1, named(row.id, row.newest_gift));
  }
  if (naming_) return;

  ++report_.checked.accounts;
  stars_ += row.posted.units();
  grams_ += row.grams_posted.units();
  held_ += row.held.units();
  reversible_ += row.reversible.units();
  owed_ += row.owed.units();
  grams_held_ += row.grams_held.units();
  constexpr std::string_view kName = "balances_are_covered";
  const bool engines_own = row.id == ledger::kIssuer || row.id == ledger::kReceivables;
  if (engines_own) {
    require(!row.posted.is_positive(), kName, name, "Its balance is above zero.");
    require(row.held.is_zero(), kName, name, "Something of it is held.");
  } else {
    require(!row.held.is_negative() && !row.available().is_negative(), kName, name,
            "More is held than is posted, or less than nothing.");
    require(!row.grams_held.is_negative() && !row.grams_available().is_negative(), kName, name,
            "More Grams are held than are posted, or less than nothing.");
    require(!row.reversible.is_negative() && row.reversible <= row.posted, kName, name,
            "More is reversible than is posted, or less than nothing.");
    grams_accounts_ += row.grams_posted.units();
  }
  require(!row.owed.is_negative(), kName, name, "Less than nothing is owed.");
  require(row.kind <= ledger::AccountKind::channel || is_system_account(row.id), "system_accounts",
          name, "Only the engine's own accounts are of this kind.");
  if (!is_system_account(row.id)) {
    accounts_ += row.posted.units();
    return;
  }
  ++system_accounts_;
  if (row.id == ledger::kIssuer) issuer_ = row.posted.units();
  if (row.id == ledger::kHouse) house_ = row.posted.units();
  if (row.id == ledger::kReceivables) receivables_ = row.posted.units();
}

void RowAudit::look(const ledger::Transfer& row) {
  const bool stars = row.currency == Currency::XTR;
  Equation& moved = stars ? sums_->stars : sums_->grams;
  moved.right(static_cast<std::uint64_t>(row.credit.value()), row.amount, named(row.credit));
  moved.right(static_cast<std::uint64_t>(row.debit.value()), -row.amount, named(row.debit));
  look_at_lists(row);
  look_at_reason(row);
  if (naming_) return;
  ++report_.checked.transfers;
  const auto name = named(row.id);
  constexpr std::string_view kName = "transfers_have_two_sides";
  require(row.amount > 0, kName, name, "It moves nothing, or less.");
  require(row.debit != row.credit, kName, name, "Both sides are the same account.");
}

void RowAudit::look_at_lists(const ledger::Transfer& row) {
  const auto side = [&](AccountId account, TransferId older) {
    if (is_system_account(account)) {
      require(!older.is_set(), "transfer_lists", named(row.id),
              "The engine's own accounts keep no list.");
      return;
    }
    const std::int64_t id = account.value();
    sums_->transfer_lists.right(item_of(id, row.id.value()), 1, named(account, row.id));
    if (!older.is_set()) return;
    sums_->transfer_lists.left(item_of(id, older.value()), 1, named(account, older));
    require(older < row.id, "transfer_lists", named(row.id), "The older transfer is not older.");
  };
  side(row.debit, row.debit_older);
  side(row.credit, row.credit_older);
}

void RowAudit::look_at_reason(const ledger::Transfer& row) {
  using ledger::TransferReason;
  const auto name = named(row.id);
  const bool stars = row.currency == Currency::XTR;
  if (row.refunded) {
    sums_->refunds.left(
        item_of(row.id.value(), row.debit.value(), row.credit.value(), row.amount, stars), 1, name);
  }
  if (row.refunds.is_set()) {
    sums_->refunds.right(
        item_of(row.refunds.value(), row.credit.value(), row.debit.value(), row.amount, stars), 1,
        named(row.refunds));
    return;
  }
  if (row.reason == TransferReason::gift_purchase) {
    sums_->gift_payments.right(
        item_of(row.id.value(), row.subject, row.debit.value(), row.amount, row.refunded), 1,
        named(GiftId(row.subject)));
    require(row.credit == ledger::kHouse && stars, "gifts_are_paid", name,
            "A gift is paid to the house, in Stars.");
  } else if (row.reason == TransferReason::top_up) {
    sums_->top_ups.right(item_of(row.subject, row.credit.value(), row.amount), 1,
                         named(TopUpId(row.subject)));
    require(row.debit == ledger::kIssuer && stars, "top_ups_match", name,
            "Only the issuer brings Stars into circulation.");
  } else if (row.reason == TransferReason::top_up_reversal || row.reason == TransferReason::debt) {
    sums_->reversals.right(static_cast<std::uint64_t>(row.subject), row.amount,
                           named(TopUpId(row.subject)));
    require(row.credit == ledger::kIssuer, "reversals_match", name,
            "What is taken back leaves circulation.");
  } else if (row.reason == TransferReason::hold_capture) {
    sums_->captures.right(item_of(row.subject, row.debit.value(), stars), 1,
                          named(HoldId(row.subject)));
  }
}

void RowAudit::look(const ledger::Funding& row) {
  for (const ledger::Lot& lot : row.lots) {
    require(lot.stars.is_positive(), "fundings", named(row.transfer), "A lot gave nothing.");
  }
}

void RowAudit::look(const ledger::TopUp& row) {
  using ledger::TopUpState;
  const auto name = named(row.id);
  const std::int64_t id = row.id.value();
  sums_->top_ups.left(item_of(id, row.account.value(), row.stars.units()), 1, name);
  sums_->reversals.left(static_cast<std::uint64_t>(id), row.reversed.units(), name);
  const PairKey key = ledger::payment_key(row.provider, row.reference);
  sums_->payments.left(item_of(key.first, key.second, id), 1, name);
  if (naming_) return;
  ++report_.checked.top_ups;
  const TopUpState expected = row.reversed.is_zero()      ? TopUpState::posted
                              : row.reversed == row.stars ? TopUpState::reversed
                                                          : TopUpState::partly_reversed;
  require(row.stars.is_positive() && !row.reversed.is_negative() && row.reversed <= row.stars,
          "top_ups_match", name, "More was taken back than was paid, or less than nothing.");
  require(row.state == expected, "top_ups_match", name, "Its state is not what was reversed.");
}

void RowAudit::look(const ledger::Payment& row) {
  const auto name = [&row] { return hex(to_binary(row.digest_high)) + ' ' + row.top_up.text(); };
  if (row.top_up.is_set()) {
    sums_->payments.right(item_of(row.digest_high, row.digest_low, row.top_up.value()), 1,
                          named(row.top_up));
  } else {
    require(row.parked.is_positive(), "payments_match", name, "It is neither paid nor reversed.");
  }
}

void RowAudit::look(const ledger::Hold& row) {
  using ledger::HoldState;
  const auto name = named(row.id);
  const bool stars = row.currency == Currency::XTR;
  if (row.state == HoldState::open) {
    Equation& held = stars ? sums_->held : sums_->grams_held;
    held.right(static_cast<std::uint64_t>(row.account.value()), row.amount, named(row.account));
    if (row.expires_at.is_set()) {
      sums_->timers.left(item_of(ledger::TimerKind::expire_hold, row.id.value(), row.expires_at.us),
                         1, name);
    }
  }
  if (row.state == HoldState::captured) {
    sums_->captures.left(item_of(row.id.value(), row.account.value(), stars), 1, name);
  }
  if (naming_) return;
  ++report_.checked.holds;
  require(row.amount > 0, "holds_match", name, "Nothing is held by it, or less.");
}

void RowAudit::look(const ledger::Lots& row) {
  const auto name = named(row.account);
  Stars before;
  for (std::size_t i = 0; i < row.open.size(); ++i) {
    const ledger::Lot& lot = row.open[i];
    sums_->reversible.right(static_cast<std::uint64_t>(row.account.value()), lot.stars.units(),
                            name);
    require(lot.stars.is_positive() && lot.reversible_until.is_set(), "lots_match", name,
            "A lot is empty or final.");
    require(i == 0 || std::pair(row.open[i - 1].reversible_until, row.open[i - 1].top_up) <
                          std::pair(lot.reversible_until, lot.top_up),
            "lots_match", name, "Its lots are out of order.");
  }
  require(!row.open.empty() && row.open.size() <= ledger::kLotsMax, "lots_match", name,
          "It has no lots, or too many.");
}

void RowAudit::finish_totals() {
  constexpr std::string_view kName = "stars_are_conserved";
  if (stars_ != 0)
    findings_.add(kName, "XTR", "All balances add up to " + stars_text(stars_) + ".");
  if (grams_ != 0)
    findings_.add(kName, "TON", "All balances add up to " + grams_text(grams_) + ".");
  if (owed_ != -static_cast<Wide>(receivables_)) {
    findings_.add("debts_match", ledger::kReceivables.text(),
                  "Accounts owe " + stars_text(owed_) + ", the receivables are " +
                      stars_text(-static_cast<Wide>(receivables_)) + ".");
  }
  if (system_accounts_ != 3) {
    findings_.add("system_accounts", ledger::kIssuer.text(), "One of the engine's own is missing.");
  }
  Circulation& out = report_.circulation;
  out.issued = stars_text(-static_cast<Wide>(issuer_));
  out.accounts = stars_text(accounts_);
  out.house = stars_text(house_);
  out.receivables = stars_text(-static_cast<Wide>(receivables_));
  out.held = stars_text(held_);
  out.reversible = stars_text(reversible_);
  out.grams_accounts = grams_text(grams_accounts_);
  out.grams_held = grams_text(grams_held_);
}

void RowAudit::finish_equations() {
  sums_->for_each([this](const Equation& each) {
    if (each.holds()) return;
    bool named_any = false;
    each.for_each_difference([&](const std::string& subject, const std::string& detail) {
      findings_.add(each.invariant(), subject, detail);
      named_any = true;
    });
    if (!named_any) {
      findings_.add(each.invariant(), "unknown", "It does not hold, for too many to name.");
    }
  });
}

}  // namespace stardrop::engine
