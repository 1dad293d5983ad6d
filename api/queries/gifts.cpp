// Received gifts: an account's list, followed from the newest.
#include "api/queries/gifts.h"

#include <algorithm>
#include <vector>

#include "base/binary.h"

namespace stardrop::api {
namespace {
/// Most gifts looked at for one page, when a filter leaves most of them out.
constexpr int kLookedAtMax = 1000;
/// At least so many are loaded at once behind a page's first ones.
constexpr int kLoadedMin = 200;

/// Everything that `gift_view` asks for.
void want_view(QueryContext& context, const market::Gift& gift) {
  context.rows.want<ledger::Account>(gift.owner);
  context.rows.want<ledger::Account>(gift.from);
  if (!gift.has_text) return;
  context.rows.want<market::GiftText>(gift.id);
  context.rows.want<ledger::PersonalKey>(gift.from);
}
}  // namespace

GiftView gift_view(QueryContext& context, const market::Gift& gift) {
  GiftView out;
  out.id = gift.id;
  out.edition = gift.edition;
  out.owner = gift.owner;
  if (gift.serial > 0) out.serial = gift.serial;
  out.paid = market::Money::of(gift.paid);
  out.state = gift.state;
  out.hide_name = gift.hide_name;
  out.reversible_until = gift.reversible_until;
  out.created = made_at(gift.id);
  const auto* const owner = context.rows.find<ledger::Account>(gift.owner);
  const bool owns = owner != nullptr && context.caller.may_act_for(*owner);
  const auto* const giver = context.rows.find<ledger::Account>(gift.from);
  const bool gave = giver != nullptr && context.caller.may_act_for(*giver);
  if (owns || gave) out.transfer = gift.transfer;
  // Who gave it and what they said is hidden from others on request; never from the owner.
  if (gift.hide_name && !owns && !gave) return out;
  out.from = gift.from;
  if (!gift.has_text) return out;
  const auto* const row = context.rows.find<market::GiftText>(gift.id);
  if (row == nullptr) return out;
  const market::GiftText words = *row;
  if (const auto plain = context.rows.open(words.author, "words", words.text.data)) {
    if (auto opened = from_binary<market::GiftWords>(*plain)) {
      out.text = std::move(opened->text);
      out.entities = std::move(opened->entities);
    }
  }
  return out;
}

Result<GetGift::Reply> GetGift::read(QueryContext& context) const {
  const auto* const row = context.rows.find<market::Gift>(gift);
  if (row == nullptr) return ErrorCode::gift_not_found;
  return gift_view(context, market::Gift(*row));
}

Result<ListGifts::Reply> ListGifts::read(QueryContext& context) const {
  const auto* const owner = context.rows.find<ledger::Account>(account);
  if (owner == nullptr) return ErrorCode::account_not_found;
  std::string bound_to = "gifts/" + account.text();
  if (edition.is_set()) bound_to.append("/").append(edition.text());
  GiftId at = owner->newest_gift;
  if (!cursor.empty()) {
    STARDROP_TRY_ASSIGN(const std::int64_t position, context.cursors.decode(bound_to, cursor));
    at = GiftId(position);
  }
  Reply page;
  std::vector<market::Gift> shown;
  int loaded = 0;
  for (int looked = 0; at.is_set(); ++looked) {
    if (shown.size() == static_cast<std::size_t>(limit) || looked == kLookedAtMax) {
      page.next_cursor = context.cursors.encode(bound_to, at.value());
      break;
    }
    if (looked == loaded) {
      const auto some = static_cast<int>(limit);
      const int more = looked == 0 ? some : std::max(some, kLoadedMin);
      context.rows.want_line(at, static_cast<std::size_t>(more));
      loaded += more;
    }
    const auto* const found = context.rows.find<market::Gift>(at);
    if (found == nullptr) return Error(ErrorCode::internal).with("gift", at.text());
    const market::Gift row = *found;
    at = row.older;
    const bool wanted = !edition.is_set() || row.edition == edition;
    if (wanted && row.state == market::GiftState::received) shown.push_back(row);
  }
  for (const market::Gift& row : shown) want_view(context, row);
  page.data.reserve(shown.size());
  for (const market::Gift& row : shown) page.data.push_back(gift_view(context, row));
  return page;
}

}  // namespace stardrop::api
