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

Status Book::can_receive(AccountId id, Currency currency, std::int64_t amount) const {
  if (posted_of(account(id), currency) <= kPostedMax - amount) return done();
  return Error(ErrorCode::balance_limit_reached).with("account", id.text());
}

Result<Posted> Book::post(const Posting& posting) {
  STARDROP_ASSERT(posting.amount > 0, "a transfer moves more than nothing");
  STARDROP_ASSERT(posting.debit != posting.credit, "a transfer has two sides");
  Account payer = account(posting.debit);
  if (posting.debit != kIssuer && posting.debit != kReceivables) {
    STARDROP_TRY(can_pay(payer, posting.currency, posting.amount));
  }
  STARDROP_TRY(can_receive(posting.credit, posting.currency, posting.amount));
  std::vector<Lot> lots;
  if (posting.currency == Currency::XTR && payer.reversible.is_positive()) {
    const Stars stars = Stars::units(posting.amount);
    std::vector<Lot> first;
    if (posting.first_lot.is_set()) first.push_back({posting.first_lot, stars, Instant()});
    lots = take_lots(payer, stars, first);
    tables_.accounts.put(std::move(payer));
  }
  return move(posting, lots);
}

Posted Book::move(const Posting& posting, const std::vector<Lot>& lots) {
  Account payer = account(posting.debit);
  Account receiver = account(posting.credit);
  set_posted(payer, posting.currency, posted_of(payer, posting.currency) - posting.amount);
  set_posted(receiver, posting.currency, posted_of(receiver, posting.currency) + posting.amount);

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
    // Only what an account paid can be refunded to it.
    if (posting.debit != kIssuer) tables_.fundings.put(Funding{transfer.id, lots});
    if (!is_system_account(posting.credit)) give_lots(receiver, lots);
  }
  const bool indebted = receiver.owed.is_positive() && posting.currency == Currency::XTR;
  tables_.accounts.put(std::move(payer));
  tables_.accounts.put(std::move(receiver));
  tables_.transfers.put(std::move(transfer));
  if (indebted) repay_debt(posting.credit);
  return out;
}

void Book::repay_debt(AccountId id) {
  Account debtor = account(id);
  const Stars part = std::min(debtor.owed, debtor.available());
  if (!part.is_positive()) return;
  debtor.owed = Stars::units(debtor.owed.units() - part.units());
  // Paid like anything else, final Stars first. What it takes of lots leaves circulation: should
  // that payment be reversed too, the same Stars are owed again.
  if (debtor.reversible.is_positive()) take_lots(debtor, part, {});
  tables_.accounts.put(std::move(debtor));
  move({.debit = id,
        .credit = kReceivables,
        .amount = part.units(),
        .reason = TransferReason::debt_repayment},
       {});
}

void Book::put_lots(Lots lots) {
  if (!lots.open.empty()) {
    tables_.lots.put(std::move(lots));
  } else if (tables_.lots.find(lots.account, stamp_)) {
    tables_.lots.erase(lots.account);
  }
}

std::vector<Lot> Book::take_lots(Account& payer, Stars stars, const std::vector<Lot>& first) {
  auto found = tables_.lots.find(payer.id, stamp_);
  STARDROP_ASSERT(found.has_value(), "an account with reversible Stars has lots");
  Lots lots = *std::move(found);
  std::int64_t reversible = payer.reversible.units() - lots.mature(now_).units();
  std::vector<Lot> taken;
  std::int64_t rest = stars.units();
  for (const Lot& wanted : first) {
    const Stars most = std::min(wanted.stars, Stars::units(rest));
    const Lot part = lots.take_from(wanted.top_up, most);
    if (!part.stars.is_positive()) continue;
    rest -= part.stars.units();
    reversible -= part.stars.units();
    taken.push_back(part);
  }
  const std::int64_t final_stars = payer.posted.units() - (stars.units() - rest) - reversible;
  const std::int64_t from_lots = rest - std::min(rest, std::max<std::int64_t>(final_stars, 0));
  if (from_lots > 0) {
    const std::vector<Lot> more = lots.take(Stars::units(from_lots));
    taken.insert(taken.end(), more.begin(), more.end());
    reversible -= from_lots;
  }
  payer.reversible = Stars::units(reversible);
  put_lots(std::move(lots));
  return taken;
}

void Book::give_lots(Account& receiver, const std::vector<Lot>& given) {
  auto found = tables_.lots.find(receiver.id, stamp_);
  Lots lots = found ? *std::move(found) : Lots{receiver.id, {}};
  std::int64_t reversible = receiver.reversible.units() - lots.mature(now_).units();
  for (const Lot& lot : given) {
    if (lot.reversible_until <= now_) continue;
    lots.add(lot);
    reversible += lot.stars.units();
  }
  receiver.reversible = Stars::units(reversible);
  put_lots(std::move(lots));
}

Result<Posted> Book::refund(const Transfer& transfer) {
  if (transfer.refunded) return ErrorCode::already_refunded;
  Account payer = account(transfer.credit);
  STARDROP_TRY(can_pay(payer, transfer.currency, transfer.amount));
  STARDROP_TRY(can_receive(transfer.debit, transfer.currency, transfer.amount));

  // From here on it succeeds.
  Transfer marked = transfer;
  marked.refunded = true;
  tables_.transfers.put(std::move(marked));
  std::vector<Lot> lots;
  if (const auto funding = tables_.fundings.find(transfer.id, stamp_)) lots = funding->lots;
  std::erase_if(lots, [&](const Lot& lot) { return lot.reversible_until <= now_; });
  if (!is_system_account(transfer.credit)) {
    // A lot that was spent on is somebody else's by now: it must not exist twice.
    if (payer.reversible.is_positive() && transfer.currency == Currency::XTR) {
      lots = take_lots(payer, Stars::units(transfer.amount), lots);
      tables_.accounts.put(std::move(payer));
    } else {
      lots.clear();
    }
  }
  return move({.debit = transfer.credit,
               .credit = transfer.debit,
               .currency = transfer.currency,
               .amount = transfer.amount,
               .reason = transfer.reason,
               .subject = transfer.subject,
               .refunds = transfer.id},
              lots);
}

Result<Posted> Book::top_up(AccountId id, Stars stars, TopUpId top_up, Instant reversible_until) {
  // What is owed counts as well: the sum of what everybody has stays within the limit.
  const std::int64_t in_circulation =
      -(account(kIssuer).posted.units() + account(kReceivables).posted.units());
  if (in_circulation > kIssuedMax.units() - stars.units()) return ErrorCode::balance_limit_reached;
  std::vector<Lot> lots;
  if (reversible_until > now_ && !is_system_account(id)) {
    if (auto found = tables_.lots.find(id, stamp_)) {
      found->mature(now_);
      if (found->open.size() >= kLotsMax) {
        return Error(ErrorCode::too_many_lots)
            .with("lots_max", static_cast<std::int64_t>(kLotsMax));
      }
    }
    lots.push_back({top_up, stars, reversible_until});
  }
  return move({.debit = kIssuer,
               .credit = id,
               .amount = stars.units(),
               .reason = TransferReason::top_up,
               .subject = top_up.value()},
              lots);
}

Stars Book::take_back(AccountId id, Stars stars, TopUpId top_up) {
  Account debtor = account(id);
  const Stars found = std::max(std::min(stars, debtor.available()), Stars());
  if (debtor.reversible.is_positive()) {
    const std::vector<Lot> taken = take_lots(debtor, found, {{top_up, stars, Instant()}});
    const auto same = std::ranges::find(taken, top_up, &Lot::top_up);
    const std::int64_t of_lot = same == taken.end() ? 0 : same->stars.units();
    // What is left of the lot beyond that is set aside by holds. The debt below stands in for it.
    if (auto lots = tables_.lots.find(id, stamp_)) {
      const Lot rest = lots->take_from(top_up, Stars::units(stars.units() - of_lot));
      debtor.reversible = Stars::units(debtor.reversible.units() - rest.stars.units());
      put_lots(*std::move(lots));
    }
  }
  const Stars missing = Stars::units(stars.units() - found.units());
  debtor.owed = Stars::units(debtor.owed.units() + missing.units());
  tables_.accounts.put(std::move(debtor));
  if (found.is_positive()) {
    move({.debit = id,
          .credit = kIssuer,
          .amount = found.units(),
          .reason = TransferReason::top_up_reversal,
          .subject = top_up.value()},
         {});
  }
  if (missing.is_positive()) {
    move({.debit = kReceivables,
          .credit = kIssuer,
          .amount = missing.units(),
          .reason = TransferReason::debt,
          .subject = top_up.value()},
         {});
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
  if (hold.currency == Currency::XTR && state != HoldState::captured) repay_debt(hold.account);
  tables_.holds.put(std::move(hold));
}

}  // namespace stardrop::ledger
