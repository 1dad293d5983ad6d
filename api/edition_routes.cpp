// Reading the catalogue.
#include "api/edition_routes.h"

#include <algorithm>

#include "api/query_route.h"
#include "api/views.h"

namespace stardrop::api {
namespace {

bool is_on_sale(const ledger::Edition& edition, Instant now) {
  if (edition.sold_out()) return false;
  if (edition.sale_opens_at.is_set() && now < edition.sale_opens_at) return false;
  return !edition.sale_ends_at.is_set() || now < edition.sale_ends_at;
}

bool wanted(const ListEditions& query, const ledger::Edition& edition, Instant now) {
  if (query.on_sale && is_on_sale(edition, now) != *query.on_sale) return false;
  return !query.tag || std::ranges::find(edition.tags, *query.tag) != edition.tags.end();
}

}  // namespace

void list_editions(Call& call) {
  ListEditions query;
  if (Status decoded = decode_query(call, query); !decoded) {
    return call.responder.problem(decoded.error());
  }
  std::string bound_to = "editions";
  if (query.tag) bound_to.append("/").append(*query.tag);
  if (query.on_sale) bound_to += *query.on_sale ? "/on" : "/off";
  std::int64_t after = 0;
  if (!query.cursor.empty()) {
    const auto position = call.api.cursors().decode(bound_to, query.cursor);
    if (!position) return call.responder.problem(position.error());
    after = *position;
  }
  Page<EditionView> page;
  for (const auto& edition : call.api.engine().board().all()) {
    if (edition->id.value() <= after || !wanted(query, *edition, call.now)) continue;
    if (page.data.size() == static_cast<std::size_t>(query.limit)) {
      page.next_cursor = call.api.cursors().encode(bound_to, page.data.back().id.value());
      break;
    }
    page.data.push_back(EditionView::of(*edition));
  }
  call.responder.json(200, query_body(page));
}

void get_edition(Call& call) {
  const std::string_view text = call.path_values[0];
  const engine::Board& board = call.api.engine().board();
  const auto id = EditionId::parse(text);
  const auto edition = id ? board.edition(*id) : board.edition(text);
  if (!edition) return call.responder.problem(ErrorCode::edition_not_found);
  call.responder.json(200, to_json(EditionView::of(*edition)));
}

}  // namespace stardrop::api
