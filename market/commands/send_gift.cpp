// Buys a gift from an edition.
#include "market/commands/send_gift.h"

#include "market/money_view.h"
#include "market/rules/sale.h"

namespace stardrop::market {

Status SendGift::validate(const RuleSettings& settings) const {
  return check_gift_request(settings, text, entities);
}

void SendGift::seal(Sealer& sealer, OpId) { seal_words(sealer, from, text, entities, words); }

void SendGift::prefetch(Prefetch& rows) const {
  rows.want<ledger::Account>(from);
  rows.want<ledger::Account>(to);
  ledger::Stock::prefetch_sale(rows, edition, from);
  ledger::Book::prefetch(rows, from, ledger::kHouse);
}

Result<SendGift::Reply> SendGift::apply(Context& context) const {
  STARDROP_TRY_ASSIGN(const ledger::Account buyer, context.own_account(from));
  STARDROP_TRY(check_buyer(buyer));
  STARDROP_TRY_ASSIGN(const ledger::Account owner, context.receiver(to));
  const auto found = context.find<ledger::Edition>(edition);
  if (!found) return ErrorCode::edition_not_found;
  STARDROP_TRY(check_receiver(*found, owner));
  STARDROP_TRY(context.stock.may_enter(*found, buyer));
  STARDROP_TRY(context.stock.can_take(*found, from));
  STARDROP_TRY(check_price(*found, max_price));
  STARDROP_TRY(ledger::Book::can_pay(buyer, Currency::XTR, found->stars.units()));

  // From here on the command succeeds.
  const std::int64_t serial = context.stock.sell(*found, from, false);
  STARDROP_TRY_ASSIGN(const Sold sold,
                      hand_over(context, {*found, from, to, serial, hide_name, words}));
  return Reply{sold.gift, serial, found->stars, sold.reversible_until, sold.available};
}

void SendGift::answer(JsonWriter& out, const Reply& reply) const {
  out.key("id").value(reply.gift);
  out.key("edition").value(edition);
  out.key("owner").value(to);
  out.key("from").value(from);
  out.key("serial");
  if (reply.serial > 0) {
    out.integer(reply.serial);
  } else {
    out.null();
  }
  out.key("paid").value(Money::of(reply.paid));
  out.key("hide_name").boolean(hide_name);
  out.key("reversible_until").value(reply.reversible_until);
  out.key("available").value(Money::of(reply.available));
}

}  // namespace stardrop::market
