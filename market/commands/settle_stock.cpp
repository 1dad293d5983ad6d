// Counts what slices of an edition have sold.
#include "market/commands/settle_stock.h"

#include <algorithm>

namespace stardrop::market {

using ledger::Edition;
using ledger::StockSlice;

void SettleStock::prefetch(Prefetch& rows) const {
  const Edition* const found = rows.want<Edition>(edition);
  if (lane) {
    rows.want<StockSlice>({edition.value(), *lane});
  } else if (found != nullptr) {
    ledger::Stock::prefetch_slices(rows, *found, [](const StockSlice&) {});
  }
}

Result<SettleStock::Reply> SettleStock::apply(Context& context) const {
  if (context.caller.kind != CallerKind::engine) return ErrorCode::forbidden;
  const auto before = context.find<Edition>(edition);
  if (!before) return ErrorCode::edition_not_found;
  std::vector<StockSlice> slices;
  if (lane) {
    if (auto one = context.find<StockSlice>({edition.value(), *lane})) slices.push_back(*one);
  } else if (before->leased > 0) {
    context.walk<StockSlice>({edition.value(), 0}, [&](const StockSlice& slice) {
      slices.push_back(slice);
      return true;
    });
  }
  // From the highest number down: what returns from the end of those given was never given.
  std::ranges::sort(slices, std::ranges::greater(), &StockSlice::last);

  // From here on the command succeeds.
  Reply reply;
  for (const StockSlice& slice : slices) {
    reply.sold += slice.sold();
    if (whole) reply.returned += slice.unsold();
    context.stock.settle(slice, whole);
  }
  const auto after = context.find<Edition>(edition);
  if (after->sold_out_at.is_set() && !before->sold_out_at.is_set()) {
    context.emit({.kind = EventKind::edition_sold_out, .edition = edition});
  }
  return reply;
}

}  // namespace stardrop::market
