// GET /v1/gifts/{gift} and GET /v1/accounts/{account}/gifts
#pragma once

#include "api/query_route.h"
#include "api/views.h"

namespace stardrop::api {

/// A gift as this caller may see it.
GiftView gift_view(QueryContext& context, const market::Gift& gift);

/// One gift.
struct GetGift {
  GiftId gift;
  using Reply = GiftView;
  static constexpr auto fields() { return std::tuple(field("gift", &GetGift::gift, "The gift.")); }
  Result<Reply> read(QueryContext& context) const;
};

/// The gifts an account received, newest first; a profile's gifts are there for everybody to see.
struct ListGifts {
  AccountId account;
  EditionId edition;
  std::int64_t limit = 20;
  std::string cursor;
  using Reply = Page<GiftView>;

  static constexpr auto fields() {
    using Q = ListGifts;
    return std::tuple(
        field("account", &Q::account, "Whose gifts."),
        field("edition", &Q::edition, "Only of this edition.").or_default(),
        field("limit", &Q::limit, "Most entries of a page.").between(1, 100).or_default(),
        field("cursor", &Q::cursor, "next_cursor of the page before.").or_default());
  }
  Result<Reply> read(QueryContext& context) const;
};

}  // namespace stardrop::api
