// An account's history: its list of transfers, followed from the newest.
#include "api/queries/transactions.h"

#include "api/queries/account.h"

namespace stardrop::api {
namespace {

/// Most transfers looked at for one page, when a filter leaves most of them out.
constexpr int kTransfersLookedAtMax = 1000;

std::optional<std::string> subject_text(const ledger::Transfer& row) {
  if (row.subject == 0) return std::nullopt;
  switch (row.reason) {
    case ledger::TransferReason::top_up:
    case ledger::TransferReason::top_up_reversal:
    case ledger::TransferReason::debt: return TopUpId(row.subject).text();
    case ledger::TransferReason::gift_purchase: return GiftId(row.subject).text();
    case ledger::TransferReason::hold_capture: return HoldId(row.subject).text();
    case ledger::TransferReason::stars_gift:
    case ledger::TransferReason::debt_repayment: break;
  }
  return std::nullopt;
}

}  // namespace

TransactionView view_of(const ledger::Transfer& row, AccountId account) {
  TransactionView out;
  out.refund = row.refunds.is_set();
  out.id = out.refund ? row.refunds : row.id;
  out.type = row.reason;
  out.direction = row.credit == account ? Direction::in : Direction::out;
  out.amount = market::Money::of(row.currency, row.amount);
  out.counterparty = row.credit == account ? row.debit : row.credit;
  out.subject = subject_text(row);
  out.refunded = row.refunded;
  out.created = made_at(row.id);
  return out;
}

Result<ListTransactions::Reply> ListTransactions::read(QueryContext& context) const {
  STARDROP_TRY_ASSIGN(const ledger::Account owner, find_own_account(context, account));
  std::string bound_to = "transactions/" + owner.id.text();
  if (direction) bound_to.append("/").append(name_of(*direction));
  TransferId at = owner.newest_transfer;
  if (!cursor.empty()) {
    STARDROP_TRY_ASSIGN(const std::int64_t position, context.cursors.decode(bound_to, cursor));
    at = TransferId(position);
  }
  Reply page;
  page.data.reserve(static_cast<std::size_t>(limit));
  for (int looked = 0; at.is_set(); ++looked) {
    if (page.data.size() == static_cast<std::size_t>(limit) || looked == kTransfersLookedAtMax) {
      page.next_cursor = context.cursors.encode(bound_to, at.value());
      break;
    }
    const auto* const row = context.rows.find<ledger::Transfer>(at);
    if (row == nullptr) return Error(ErrorCode::internal).with("transfer", at.text());
    TransactionView view = view_of(*row, owner.id);
    if (!direction || view.direction == *direction) page.data.push_back(std::move(view));
    at = row->credit == owner.id ? row->credit_older : row->debit_older;
  }
  return page;
}

}  // namespace stardrop::api
