// GET /v1/keys
#pragma once

#include "api/query_route.h"
#include "api/views.h"

namespace stardrop::api {

/// A key in the list of all.
struct KeyView : KeyFacts {
  bool revoked = false;

  static constexpr auto fields() {
    return std::tuple_cat(KeyFacts::fields(), std::tuple(field("revoked", &KeyView::revoked,
                                                               "Whether it was taken back.")));
  }
};

/// All keys, oldest first.
struct ListKeys {
  std::int64_t limit = 20;
  std::string cursor;
  using Reply = Page<KeyView>;
  static constexpr auto fields() {
    return std::tuple(
        field("limit", &ListKeys::limit, "Most entries of a page.").between(1, 100).or_default(),
        field("cursor", &ListKeys::cursor, "next_cursor of the page before.").or_default());
  }
  Result<Reply> read(QueryContext& context) const;
};

}  // namespace stardrop::api
