// What every sale of an edition has in common.
#include "market/rules/sale.h"

#include "base/binary.h"

namespace stardrop::market {

Status check_gift_request(const RuleSettings& settings,
                          std::string_view text,
                          const std::vector<Entity>& entities) {
  if (settings.stargifts_blocked) {
    return Error(ErrorCode::forbidden).with("reason", std::string("stargifts_blocked"));
  }
  return check_words(text, entities, settings.stargifts_message_length_max);
}

void seal_words(Sealer& sealer,
                AccountId author,
                std::string& text,
                std::vector<Entity>& entities,
                Bytes& words) {
  if (text.empty()) return;
  words = sealer.seal_for(author, "words", to_binary(GiftWords{text, entities}));
  text.clear();
  entities.clear();
}

Status check_receiver(const ledger::Edition& edition, const ledger::Account& receiver) {
  if (edition.limited() && receiver.kind == ledger::AccountKind::channel) {
    return ErrorCode::limited_gift_to_channel;
  }
  return done();
}

Status check_buyer(const ledger::Account& buyer) {
  if (!ledger::is_system_account(buyer.id)) return done();
  return Error(ErrorCode::same_account)
      .param("from")
      .detail("The house sells gifts; it can't buy them from itself.");
}

Status check_price(const ledger::Edition& edition, Stars max_price) {
  if (edition.stars <= max_price) return done();
  return Error(ErrorCode::price_increased)
      .with("price", edition.stars.whole_part())
      .with("max_price", max_price.whole_part());
}

Result<Sold> hand_over(Context& context, const Handover& sale) {
  const GiftId id = context.next_id<GiftId>();
  STARDROP_TRY_ASSIGN(const ledger::Posted posted,
                      context.book.post({.debit = sale.from,
                                         .credit = ledger::kHouse,
                                         .amount = sale.edition.stars.units(),
                                         .reason = ledger::TransferReason::gift_purchase,
                                         .subject = id.value(),
                                         .first_lot = sale.payment}));
  ledger::Account owner = *context.find<ledger::Account>(sale.to);
  Gift gift;
  gift.id = id;
  gift.edition = sale.edition.id;
  gift.owner = sale.to;
  gift.from = sale.from;
  gift.serial = sale.serial;
  gift.hide_name = sale.hide_name;
  gift.has_text = !sale.words.empty();
  gift.paid = sale.edition.stars;
  gift.transfer = posted.transfer;
  gift.reversible_until = posted.reversible_until;
  gift.older = std::exchange(owner.newest_gift, id);
  ++owner.gifts;
  context.put(std::move(owner));
  context.put(std::move(gift));
  if (!sale.words.empty()) context.put(GiftText{id, sale.from, sale.words});
  context.emit({.kind = EventKind::gift_received,
                .account = sale.to,
                .edition = sale.edition.id,
                .gift = id,
                .serial = sale.serial});
  const auto after = context.find<ledger::Edition>(sale.edition.id);
  if (after->sold_out_at.is_set() && !sale.edition.sold_out_at.is_set()) {
    context.emit({.kind = EventKind::edition_sold_out, .edition = sale.edition.id});
  }
  return Sold{id, posted.reversible_until, Stars::units(posted.available)};
}

}  // namespace stardrop::market
