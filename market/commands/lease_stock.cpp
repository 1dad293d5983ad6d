// Gives a node a part of an edition's stock.
#include "market/commands/lease_stock.h"

namespace stardrop::market {

Result<LeaseStock::Reply> LeaseStock::apply(Context& context) const {
  if (context.caller.kind != CallerKind::engine) return ErrorCode::forbidden;
  const auto found = context.find<ledger::Edition>(edition);
  if (!found) return ErrorCode::edition_not_found;
  const auto before = context.find<ledger::StockSlice>({edition.value(), lane});
  if (before && before->unsold() > 0) return ErrorCode::still_on_sale;
  const std::int64_t size = ledger::Stock::slice_size(*found, nodes, least);
  if (size == 0) return ledger::sold_out_error(*found);

  // From here on the command succeeds.
  if (before) context.stock.settle(*before, false);
  const ledger::StockSlice slice =
      context.stock.lease(*context.find<ledger::Edition>(edition), lane, size);
  return Reply{slice.first, slice.last};
}

}  // namespace stardrop::market
