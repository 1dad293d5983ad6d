// Takes what a hold has set aside.
#include "market/commands/capture_hold.h"

#include "market/rules/holding.h"

namespace stardrop::market {

void CaptureHold::prefetch(Prefetch& rows) const {
  ledger::Book::prefetch_lots(rows, to);
  prefetch_hold(rows, hold);
}

Result<CaptureHold::Reply> CaptureHold::apply(Context& context) const {
  STARDROP_TRY(context.not_for_users());
  STARDROP_TRY_ASSIGN(const ledger::Hold row, own_hold(context, hold));
  if (to != ledger::kHouse) STARDROP_TRY(context.receiver(to));
  if (to == row.account) return Error(ErrorCode::same_account).param("to");
  const Stars held = Stars::units(row.amount);
  const Stars captured = stars.value_or(held);
  if (captured > held) {
    return Error(ErrorCode::amount_out_of_range).param("stars").with("held", held.text());
  }
  end_hold(context, row, ledger::HoldState::captured);
  STARDROP_TRY_ASSIGN(const ledger::Posted posted,
                      context.book.post({.debit = row.account,
                                         .credit = to,
                                         .amount = captured.units(),
                                         .reason = ledger::TransferReason::hold_capture,
                                         .subject = hold.value()}));

  // From here on the command succeeds.
  context.book.repay_debt(row.account);
  context.emit({.kind = EventKind::stars_received, .account = to, .stars = captured});
  return Reply{hold, posted.transfer, captured, Stars::units(held.units() - captured.units()),
               posted.reversible_until};
}

}  // namespace stardrop::market
