// Why somebody can or can't buy an edition.
#include "market/rules/availability.h"

#include <algorithm>

#include "ledger/ids.h"
#include "ledger/stock.h"

namespace stardrop::market {
namespace {

using ledger::Account;
using ledger::AccountKind;
using ledger::Edition;

Instant made_at(const Account& account) { return {ledger::made_ms(account.id) * 1000}; }

/// Puts the rules down one by one.
class Explanation {
 public:
  explicit Explanation(const AvailabilityQuestion& question) : ask_(question) {}

  std::vector<RuleState> rules() && {
    blocked();
    channel();
    opens();
    ends();
    premium();
    account_age();
    stock();
    cap();
    balance();
    return std::move(rules_);
  }

 private:
  void add(const char* rule,
           std::string value,
           bool ok,
           ErrorCode code,
           Instant changes_at,
           std::string detail) {
    std::string refusal = ok ? std::string() : std::string(info(code).code);
    rules_.push_back(
        {rule, std::move(value), ok, std::move(refusal), changes_at, std::move(detail)});
  }

  void blocked() {
    const bool ok = !ask_.settings.stargifts_blocked;
    add("gifts_enabled", ok ? "true" : "false", ok, ErrorCode::forbidden, {},
        ok ? "Gifts can be bought here." : "No gift can be bought here at the moment.");
  }

  void channel() {
    const Account* const receiver = ask_.receiver != nullptr ? ask_.receiver : ask_.buyer;
    if (!ask_.edition.limited() || receiver == nullptr) return;
    const bool ok = receiver->kind != AccountKind::channel;
    add("receiver", std::string(name_of(receiver->kind)), ok, ErrorCode::limited_gift_to_channel,
        {}, "Limited gifts can't be sent to channels.");
  }

  void opens() {
    const Edition& edition = ask_.edition;
    if (!edition.sale_opens_at.is_set()) return;
    const Instant opens =
        ask_.buyer != nullptr ? opens_for(edition, *ask_.buyer) : edition.sale_opens_at;
    const bool ok = ask_.now >= opens;
    add("sale_opens", rfc3339(opens), ok, ErrorCode::sale_not_open, ok ? Instant() : opens,
        opens < edition.sale_opens_at ? "The sale opens earlier for older accounts."
                                      : "Before it nobody can buy.");
  }

  void ends() {
    const Instant end = ask_.edition.sale_ends_at;
    if (!end.is_set()) return;
    const bool ok = ask_.now < end;
    add("sale_ends", rfc3339(end), ok, ErrorCode::sale_ended, ok ? end : Instant(),
        "From then on nobody can buy.");
  }

  void premium() {
    if (!ask_.edition.premium_only) return;
    const bool ok = ask_.buyer == nullptr || ask_.buyer->premium;
    add("premium", "true", ok, ErrorCode::premium_required, {},
        "Only premium accounts may buy this edition.");
  }

  void account_age() {
    const std::int64_t age_s = ask_.edition.account_age_s;
    if (age_s == 0) return;
    Instant old_enough;
    if (ask_.buyer != nullptr) old_enough = made_at(*ask_.buyer).plus(Duration::seconds(age_s));
    const bool ok = ask_.now >= old_enough;
    add("account_age", std::to_string(age_s), ok, ErrorCode::account_too_new,
        ok ? Instant() : old_enough, "Least age of the buyer's account in seconds.");
  }

  void stock() {
    const Edition& edition = ask_.edition;
    if (!edition.limited()) {
      add("stock", "unlimited", true, ErrorCode::sold_out, {}, "There is no end to it.");
      return;
    }
    std::string detail = std::to_string(edition.sold) + " of " + std::to_string(*edition.supply) +
                         " are sold, " + std::to_string(edition.reserved) + " reserved.";
    add("stock", std::to_string(edition.left()), !edition.sold_out(), ErrorCode::sold_out, {},
        std::move(detail));
  }

  void cap() {
    if (!ask_.edition.per_account) return;
    const std::int64_t most = *ask_.edition.per_account;
    const std::int64_t has = ask_.tally != nullptr ? ask_.tally->bought + ask_.tally->reserved : 0;
    add("per_account", std::to_string(most), has < most, ErrorCode::account_limit_reached, {},
        "The account has " + std::to_string(has) + " of at most " + std::to_string(most) + ".");
  }

  void balance() {
    if (ask_.buyer == nullptr) return;
    const Stars price = ask_.edition.stars;
    const Stars available = ask_.buyer->available();
    add("balance", price.text(), available >= price, ErrorCode::insufficient_funds, {},
        "It costs " + price.text() + " Stars; the account can spend " + available.text() + ".");
  }

  const AvailabilityQuestion& ask_;
  std::vector<RuleState> rules_;
};

}  // namespace

std::vector<RuleState> explain_availability(const AvailabilityQuestion& question) {
  return Explanation(question).rules();
}

bool is_available(const std::vector<RuleState>& rules) {
  return std::ranges::all_of(rules, &RuleState::ok);
}

}  // namespace stardrop::market
