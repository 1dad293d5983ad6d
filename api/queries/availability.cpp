// Why somebody can or can't buy.
#include "api/queries/availability.h"

#include "ledger/stock.h"

namespace stardrop::api {

Result<GetAvailability::Reply> GetAvailability::read(QueryContext& context) const {
  const auto* const found = context.rows.find<ledger::Edition>(edition);
  if (found == nullptr) return ErrorCode::edition_not_found;
  const ledger::Edition alone = *found;
  std::vector<ledger::StockSlice> slices;
  if (alone.leased > 0) {
    context.rows.walk<ledger::StockSlice>({edition.value(), 0}, [&](const auto& slice) {
      slices.push_back(slice);
      return true;
    });
  }
  const ledger::Edition terms = ledger::with_slices(alone, slices);
  const auto* const stored = context.rows.find<market::RuleSettings>(1);
  const market::RuleSettings settings = stored != nullptr ? *stored : market::RuleSettings();
  std::optional<ledger::Account> buyer;
  std::optional<ledger::Tally> tally;
  std::optional<ledger::Account> receiver;
  if (account.is_set()) {
    const auto* const row = context.rows.find<ledger::Account>(account);
    if (row == nullptr || !context.caller.may_act_for(*row)) return ErrorCode::account_not_found;
    buyer = *row;
    if (const auto* const counted =
            context.rows.find<ledger::Tally>({edition.value(), account.value()})) {
      tally = *counted;
    }
  }
  if (to.is_set()) {
    const auto* const row = context.rows.find<ledger::Account>(to);
    if (row == nullptr) return Error(ErrorCode::account_not_found).param("to");
    receiver = *row;
  }
  market::AvailabilityQuestion question{terms, settings};
  question.now = context.rows.now;
  question.buyer = buyer ? &*buyer : nullptr;
  question.tally = tally ? &*tally : nullptr;
  question.receiver = receiver ? &*receiver : nullptr;
  Reply reply{edition, account, false, market::explain_availability(question)};
  reply.available = market::is_available(reply.rules);
  return reply;
}

}  // namespace stardrop::api
