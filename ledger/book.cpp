// Movements of money: refuse first, then write both sides and the transfer.
#include "ledger/book.h"

#include <algorithm>

namespace stardrop::ledger {
namespace {

std::int64_t posted_of(const Account& account, Currency currency) {
  return currency == Currency::XTR ? account.posted.units() : account.grams_posted.units();
}

void set_posted(Account& account, Currency currency, std::int64_t units) {
  if (currency == Currency::XTR) {
    account.posted = Stars::units(units);
  } else {
    account.grams_posted = Grams::units(units);
  }
}

std::int64_t available_of(const Account& account, Currency currency) {
  return currency == Currency::XTR ? account.available().units()
                                   : account.grams_available().units();
}

std::string amount_text(Currency currency, std::int64_t units) {
  return currency == Currency::XTR ? Stars::units(units).text() : Grams::units(units).text();
}

/// Largest balance of one account, in smallest units: no sum of two can overflow.
constexpr std::int64_t kPostedMax = kIssuedMax.units();

}  // namespace

Account Book::account(AccountId id) const {
  const auto found = tables_.accounts.find(id, stamp_);
  STARDROP_ASSERT(found.has_value(), "money moves between accounts that exist");
  return *found;
}

Status Book::can_pay(const Account& account, Currency currency, std::int64_t amount) {
  const std::int64_t available = available_of(account, currency);
  if (available >= amount) return done();
  Error error = Error(ErrorCode::insufficient_funds)
                    .with("currency", std::string(code_of(currency)))
                    .with("required", amount_text(currency, amount))
                    .with("available", amount_text(currency, available));
  if (account.owed.is_positive()) error = std::move(error).with("owed", account.owed.text());
  return error;
}

Result<Posted> Book::post(const Posting& posting) {
  STARDROP_ASSERT(posting.amount > 0, "a transfer moves more than nothing");
  STARDROP_ASSERT(posting.debit != posting.credit, "a transfer has two sides");
  Account payer = account(posting.debit);
  if (posting.debit != kIssuer && posting.debit != kReceivables) {
    STARDROP_TRY(can_pay(payer, posting.currency, posting.amount));
  }
  std::vector<Lot> lots;
  if (posting.currency == Currency::XTR && payer.reversible.is_positive()) {
    // Checked before anything is written: the receiver must be able to take it.
    const Account receiver = account(posting.credit);
    if (receiver.posted.units() > kPostedMax - posting.amount) {
      return ErrorCode::balance_limit_reached;
    }
    lots = take_lots(payer, Stars::units(posting.amount), {});
    tables_.accounts.put(payer);
  }
  return move(posting, lots);
}

Result<Posted> Book::move(const Posting& posting, const std::vector<Lot>& lots) {
  Account payer = account(posting.debit);
  Account receiver = account(posting.credit);
  const std::int64_t had = posted_of(receiver, posting.currency);
  if (had > kPostedMax - posting.amount) return ErrorCode::balance_limit_reached;
  set_posted(payer, posting.currency, posted_of(payer, posting.currency) - posting.amount);
  set_posted(receiver, posting.currency, had + posting.amount);

  Transfer transfer;
  transfer.id = ids_.next<TransferId>();
  transfer.debit = posting.debit;
  transfer.credit = posting.credit;
  transfer.currency = posting.currency;
  transfer.amount = posting.amount;
  transfer.reason = posting.reason;
  transfer.subject = posting.subject;
  transfer.refunds = posting.refunds;
  // The engine's own accounts are touched by every sale: they keep no list.
  if (!is_system_account(posting.debit)) {
    transfer.debit_older = std::exchange(payer.newest_transfer, transfer.id);
  }
  if (!is_system_account(posting.credit)) {
    transfer.credit_older = std::exchange(receiver.newest_transfer, transfer.id);
  }
  Posted out;
  out.transfer = transfer.id;
  out.available = available_of(payer, posting.currency);
  if (!lots.empty()) {
    for (const Lot& lot : lots) {
      out.reversible_until = std::max(out.reversible_until, lot.reversible_until);
    }
    tables_.fundings.put(Funding{transfer.id, lots});
    if (!is_system_account(posting.credit)) give_lots(receiver, lots);
  }
  const bool indebted = receiver.owed.is_positive() && posting.currency == Currency::XTR;
  tables_.accounts.put(std::move(payer));
  tables_.accounts.put(std::move(receiver));
  tables_.transfers.put(std::move(transfer));
  if (indebted) STARDROP_TRY(repay_debt(posting.credit));
  return out;
}

Status Book::repay_debt(AccountId id) {
  Account debtor = account(id);
  const Stars part = std::min(debtor.owed, debtor.available());
  if (!part.is_positive()) return done();
  debtor.owed = Stars::units(debtor.owed.units() - part.units());
  // Whatever lots it has stay with it: a debt is repaid with final Stars first, as any spending.
  std::vector<Lot> lots;
  if (debtor.reversible.is_positive()) lots = take_lots(debtor, part, {});
  tables_.accounts.put(debtor);
  STARDROP_TRY(move({id, kReceivables, Currency::XTR, part.units(), TransferReason::debt_repayment,
                     0, TransferId()},
                    {}));
  return done();
}

std::vector<Lot> Book::take_lots(Account& payer, Stars stars, TopUpId prefer) {
  auto found = tables_.lots.find(payer.id, stamp_);
  STARDROP_ASSERT(found.has_value(), "an account with reversible Stars has lots");
  Lots lots = *std::move(found);
  std::int64_t reversible = payer.reversible.units() - lots.mature(now_).units();
  std::vector<Lot> taken;
  std::int64_t rest = stars.units();
  if (prefer.is_set()) {
    const Stars part = lots.take_from(prefer, stars);
    rest -= part.units();
    reversible -= part.units();
  }
  const std::int64_t final_stars = payer.posted.units() - (stars.units() - rest) - reversible;
  const std::int64_t from_lots = rest - std::min(rest, std::max<std::int64_t>(final_stars, 0));
  if (from_lots > 0) {
    taken = lots.take(Stars::units(from_lots));
    reversible -= from_lots;
  }
  payer.reversible = Stars::units(reversible);
  if (lots.open.empty()) {
    tables_.lots.erase(payer.id);
  } else {
    tables_.lots.put(std::move(lots));
  }
  return taken;
}

void Book::give_lots(Account& receiver, const std::vector<Lot>& given) {
  auto found = tables_.lots.find(receiver.id, stamp_);
  Lots lots = found ? *std::move(found) : Lots{receiver.id, {}};
  std::int64_t reversible = receiver.reversible.units();
  for (const Lot& lot : given) {
    if (lot.reversible_until <= now_) continue;
    lots.add(lot);
    reversible += lot.stars.units();
  }
  receiver.reversible = Stars::units(reversible);
  if (!lots.open.empty()) tables_.lots.put(std::move(lots));
}

Result<Posted> Book::refund(const Transfer& transfer) {
  if (transfer.refunded) return ErrorCode::already_refunded;
  STARDROP_TRY(can_pay(account(transfer.credit), transfer.currency, transfer.amount));
  Posting back{transfer.credit, transfer.debit,   transfer.currency, transfer.amount,
               transfer.reason, transfer.subject, transfer.id};
  Transfer marked = transfer;
  marked.refunded = true;
  tables_.transfers.put(std::move(marked));
  std::vector<Lot> lots;
  if (const auto funding = tables_.fundings.find(transfer.id, stamp_)) lots = funding->lots;
  Account payer = account(transfer.credit);
  if (payer.reversible.is_positive()) {
    take_lots(payer, Stars::units(transfer.amount), {});
    tables_.accounts.put(std::move(payer));
  }
  std::erase_if(lots, [&](const Lot& lot) { return lot.reversible_until <= now_; });
  return move(back, lots);
}

Result<Posted> Book::top_up(AccountId id, Stars stars, TopUpId top_up, Instant reversible_until) {
  const Account issuer = account(kIssuer);
  if (-issuer.posted.units() > kIssuedMax.units() - stars.units()) {
    return ErrorCode::balance_limit_reached;
  }
  std::vector<Lot> lots;
  if (reversible_until > now_) {
    const auto found = tables_.lots.find(id, stamp_);
    if (found && found->open.size() >= kLotsMax) {
      Lots matured = *found;
      matured.mature(now_);
      if (matured.open.size() >= kLotsMax) {
        return Error(ErrorCode::too_many_lots)
            .with("lots_max", static_cast<std::int64_t>(kLotsMax));
      }
    }
    lots.push_back({top_up, stars, reversible_until});
  }
  return move({kIssuer, id, Currency::XTR, stars.units(), TransferReason::top_up, top_up.value(),
               TransferId()},
              lots);
}

Result<Stars> Book::take_back(AccountId id, Stars stars, TopUpId top_up, bool whole) {
  Account debtor = account(id);
  const Stars found = std::max(std::min(stars, debtor.available()), Stars());
  if (debtor.reversible.is_positive()) {
    take_lots(debtor, found, top_up);
    // What is left of the lot is set aside by holds. The shortfall below stands in for it.
    if (auto lots = whole ? tables_.lots.find(id, stamp_) : std::nullopt) {
      const Stars rest = lots->take_from(top_up, debtor.reversible);
      debtor.reversible = Stars::units(debtor.reversible.units() - rest.units());
      if (lots->open.empty()) {
        tables_.lots.erase(id);
      } else {
        tables_.lots.put(*std::move(lots));
      }
    }
  }
  const Stars missing = Stars::units(stars.units() - found.units());
  debtor.owed = Stars::units(debtor.owed.units() + missing.units());
  tables_.accounts.put(std::move(debtor));
  if (found.is_positive()) {
    STARDROP_TRY(move({id, kIssuer, Currency::XTR, found.units(), TransferReason::top_up_reversal,
                       top_up.value(), TransferId()},
                      {}));
  }
  if (missing.is_positive()) {
    STARDROP_TRY(move({kReceivables, kIssuer, Currency::XTR, missing.units(), TransferReason::debt,
                       top_up.value(), TransferId()},
                      {}));
  }
  return missing;
}

Status Book::hold(Hold hold) {
  Account owner = account(hold.account);
  STARDROP_TRY(can_pay(owner, hold.currency, hold.amount));
  if (hold.currency == Currency::XTR) {
    owner.held = Stars::units(owner.held.units() + hold.amount);
  } else {
    owner.grams_held = Grams::units(owner.grams_held.units() + hold.amount);
  }
  tables_.accounts.put(std::move(owner));
  tables_.holds.put(std::move(hold));
  return done();
}

void Book::end_hold(Hold hold, HoldState state) {
  STARDROP_ASSERT(hold.state == HoldState::open, "only an open hold ends");
  Account owner = account(hold.account);
  if (hold.currency == Currency::XTR) {
    owner.held = Stars::units(owner.held.units() - hold.amount);
  } else {
    owner.grams_held = Grams::units(owner.grams_held.units() - hold.amount);
  }
  hold.state = state;
  tables_.accounts.put(std::move(owner));
  tables_.holds.put(std::move(hold));
}

}  // namespace stardrop::ledger
