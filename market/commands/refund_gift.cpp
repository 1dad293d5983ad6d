// Undoes a sale.
#include "market/commands/refund_gift.h"

#include "market/rules/reserving.h"

namespace stardrop::market {

void RefundGift::prefetch(Prefetch& rows) const {
  const Gift* const found = rows.want<Gift>(gift);
  if (found == nullptr) return;
  ledger::Book::prefetch_refund(rows, found->transfer);
  const auto* const edition = ledger::Stock::prefetch(rows, found->edition, found->from);
  // What is undone must have been counted.
  if (edition != nullptr && edition->sold == 0) ledger::Stock::prefetch_counts(rows, *edition);
  prefetch_line(rows, found->edition, 1);
}

Result<RefundGift::Reply> RefundGift::apply(Context& context) const {
  STARDROP_TRY(context.only_operator());
  const auto found = context.find<Gift>(gift);
  if (!found) return ErrorCode::gift_not_found;
  if (found->state == GiftState::refunded) return ErrorCode::already_refunded;
  if (context.find<ledger::Account>(found->from)->erased) return ErrorCode::account_erased;
  const ledger::Transfer paid = *context.find<ledger::Transfer>(found->transfer);
  STARDROP_TRY_ASSIGN(const ledger::Posted posted, context.book.refund(paid));

  // From here on the command succeeds.
  Gift row = *found;
  row.state = GiftState::refunded;
  context.put(row);
  context.emit({.kind = EventKind::gift_refunded,
                .account = row.owner,
                .edition = row.edition,
                .gift = gift,
                .serial = row.serial});
  const ledger::Edition before = *context.find<ledger::Edition>(row.edition);
  context.stock.take_back(before, row.from, row.serial);
  pass_on(context, row.edition, before.sold_out());
  const bool passed_on = context.find<ledger::Edition>(row.edition)->waiting < before.waiting;
  return Reply{gift, posted.transfer, row.from, row.paid, passed_on};
}

}  // namespace stardrop::market
