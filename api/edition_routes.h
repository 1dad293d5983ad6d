// Editions are read from the board: no queue, no database.
#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "api/route.h"
#include "base/fields.h"

namespace stardrop::api {

/// GET /v1/editions
void list_editions(Call& call);
/// GET /v1/editions/{edition}
void get_edition(Call& call);

/// The parameters of the list of editions.
struct ListEditions {
  std::optional<std::string> tag;
  std::optional<bool> on_sale;
  std::int64_t limit = 20;
  std::string cursor;
  static constexpr auto fields() {
    using Q = ListEditions;
    return std::tuple(
        field("tag", &Q::tag, "Only with this tag."),
        field("on_sale", &Q::on_sale, "Only those that can be bought now, or only the others."),
        field("limit", &Q::limit, "Most entries of a page.").between(1, 100).or_default(),
        field("cursor", &Q::cursor, "next_cursor of the page before.").or_default());
  }
};

/// The parameters of one edition.
struct GetEdition {
  std::string edition;
  static constexpr auto fields() {
    return std::tuple(field("edition", &GetEdition::edition, "The edition's id or slug."));
  }
};

}  // namespace stardrop::api
