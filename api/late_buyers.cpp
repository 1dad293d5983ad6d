// The truth for those who come late.
#include "api/late_buyers.h"

#include "api/problem.h"
#include "ledger/stock.h"

namespace stardrop::api {

void write_sold_out(JsonWriter& out, const engine::Board& board, const ledger::Edition& edition) {
  write_problem(out, ledger::sold_out_error(edition));
  out.key("sold_out_at").value(edition.sold_out_at);
  out.key("waitlist").begin_object();
  out.key("waiting").integer(edition.waiting);
  out.key("position_if_joined").integer(edition.waiting + 1);
  out.key("join").text("/v1/editions/" + edition.id.text() + "/waitlist");
  out.end_object();
}

std::string_view LateBuyerCache::members(const engine::Board& board,
                                         const ledger::Edition& edition) {
  Entry& entry = entries_[edition.id];
  // Other editions come and go while a drop runs: what is similar may be a moment old, what
  // concerns this edition never is.
  constexpr std::uint64_t kBoardChangesMax = 64;
  const std::uint64_t board_version = board.version();
  if (entry.edition_version != edition.version ||
      board_version - entry.board_version > kBoardChangesMax) {
    entry.members.clear();
    JsonWriter out(entry.members);
    out.begin_object();
    write_sold_out(out, board, edition);
    out.end_object();
    entry.members = entry.members.substr(1, entry.members.size() - 2);
    entry.edition_version = edition.version;
    entry.board_version = board_version;
  }
  return entry.members;
}

}  // namespace stardrop::api
