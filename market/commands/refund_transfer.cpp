// Gives Stars back that were given or captured.
#include "market/commands/refund_transfer.h"

namespace stardrop::market {

using ledger::Transfer;
using ledger::TransferReason;

void RefundTransfer::prefetch(Prefetch& rows) const {
  ledger::Book::prefetch_refund(rows, transfer);
}

Result<RefundTransfer::Reply> RefundTransfer::apply(Context& context) const {
  const auto row = context.find<Transfer>(transfer);
  if (!row || !context.any_own_account(row->credit)) return ErrorCode::transfer_not_found;
  const bool given =
      row->reason == TransferReason::stars_gift || row->reason == TransferReason::hold_capture;
  if (!given || row->refunds.is_set()) {
    return Error(ErrorCode::not_refundable).with("reason", std::string(name_of(row->reason)));
  }
  if (context.find<ledger::Account>(row->debit)->erased) return ErrorCode::account_erased;
  STARDROP_TRY_ASSIGN(const ledger::Posted posted, context.book.refund(*row));

  // From here on the command succeeds.
  const Stars stars = Stars::units(row->amount);
  context.emit({.kind = EventKind::stars_received, .account = row->debit, .stars = stars});
  return Reply{posted.transfer, transfer, row->debit, stars};
}

}  // namespace stardrop::market
