// Sets Stars aside.
#include "market/commands/place_hold.h"

#include "market/rules/holding.h"

namespace stardrop::market {

Status PlaceHold::validate(const RuleSettings&) const {
  if (is_held_on_request(reason)) return done();
  return Error(ErrorCode::invalid_value).param("reason").detail("This is payment or payout.");
}

void PlaceHold::prefetch(Prefetch& rows) const { rows.want<ledger::Account>(account); }

Result<PlaceHold::Reply> PlaceHold::apply(Context& context) const {
  STARDROP_TRY(context.not_for_users());
  STARDROP_TRY(context.own_account(account));
  const std::int64_t longest_s = context.settings().hold_max_s;
  const Instant latest = context.now.plus(Duration::seconds(longest_s));
  if (expires_at > latest) {
    return Error(ErrorCode::amount_out_of_range)
        .param("expires_at")
        .with("seconds_max", longest_s)
        .with("latest", rfc3339(latest));
  }
  ledger::Hold row;
  row.id = context.next_id<HoldId>();
  row.account = account;
  row.amount = stars.units();
  row.reason = reason;
  row.expires_at = expires_at.is_set() ? expires_at : latest;
  STARDROP_TRY(context.book.hold(row));

  // From here on the command succeeds.
  context.put(ledger::Timer{row.expires_at, row.id.value(), ledger::TimerKind::expire_hold});
  return Reply{row.id, account, stars, row.expires_at,
               context.find<ledger::Account>(account)->available()};
}

}  // namespace stardrop::market
