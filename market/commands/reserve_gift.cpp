// Keeps one gift for a buyer who pays elsewhere.
#include "market/commands/reserve_gift.h"

#include "market/rules/reserving.h"
#include "market/rules/sale.h"

namespace stardrop::market {

Status ReserveGift::validate(const RuleSettings& settings) const {
  STARDROP_TRY(check_gift_request(settings, {}, {}));
  if (seconds && *seconds > settings.reservation_max_s) {
    return Error(ErrorCode::amount_out_of_range)
        .param("seconds")
        .with("max", settings.reservation_max_s);
  }
  return done();
}

void ReserveGift::prefetch(Prefetch& rows) const {
  rows.want<ledger::Account>(account);
  ledger::Stock::prefetch_one(rows, edition, account);
}

Result<ReserveGift::Reply> ReserveGift::apply(Context& context) const {
  STARDROP_TRY(context.not_for_users());
  STARDROP_TRY_ASSIGN(const ledger::Account buyer, context.own_account(account));
  const auto found = context.find<ledger::Edition>(edition);
  if (!found) return ErrorCode::edition_not_found;
  STARDROP_TRY(context.stock.may_enter(*found, buyer));
  STARDROP_TRY(context.stock.can_take(*found, account));

  // From here on the command succeeds.
  const ledger::Reservation row =
      open_reservation(context, *found, account, ledger::ReservationSource::checkout,
                       seconds.value_or(context.settings().reservation_s));
  return Reply{row.id, row.expires_at};
}

}  // namespace stardrop::market
