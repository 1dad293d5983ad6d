// The rules once more: slices of stock, as far as somebody outside can tell.
#include "app/simulation/model.h"

namespace stardrop::simulation {

using market::Caller;
using market::CallerKind;

Verdict Model::decide(const market::LeaseStock& command, const Caller& caller) const {
  if (caller.kind != CallerKind::engine) return Verdict::refused(ErrorCode::forbidden);
  return wares_.contains(command.edition) ? Verdict::lease()
                                          : Verdict::refused(ErrorCode::edition_not_found);
}

std::string Model::done(const market::LeaseStock& command,
                        const market::LeaseStock::Reply& reply,
                        const Caller&) {
  Ware& ware = wares_.at(command.edition);
  ware.sliced = true;
  const std::int64_t size = reply.last - reply.first + 1;
  if (!ware.supply) return size > 0 ? "" : "an empty slice";
  const std::int64_t left = *ware.supply - ware.sold - ware.reserved;
  return size > 0 && size <= left ? "" : "a slice of more than there is";
}

Verdict Model::decide(const market::SettleStock& command, const Caller& caller) const {
  if (caller.kind != CallerKind::engine) return Verdict::refused(ErrorCode::forbidden);
  return wares_.contains(command.edition) ? Verdict::success()
                                          : Verdict::refused(ErrorCode::edition_not_found);
}

std::string Model::done(const market::SettleStock& command,
                        const market::SettleStock::Reply& reply,
                        const Caller&) {
  const Ware& ware = wares_.at(command.edition);
  return reply.sold <= ware.sold ? "" : "more is counted than was sold";
}

}  // namespace stardrop::simulation
