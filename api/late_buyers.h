// What late buyers are told, without the queue and without the database.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json_writer.h"
#include "engine/board.h"

namespace stardrop::api {

/// The answer to a purchase of an edition that is sold out: facts, what is left to do, and up to
/// three similar editions on sale. Kept per edition until the board changes, so that a storm of
/// late buyers costs a look-up each.
class LateBuyerCache {
 public:
  /// The members of the problem, as JSON without braces, for an edition that is sold out.
  std::string_view members(const engine::Board& board, const ledger::Edition& edition);

 private:
  struct Entry {
    std::int64_t edition_version = -1;
    std::uint64_t board_version = 0;
    std::string members;
  };
  std::map<EditionId, Entry> entries_;
};

/// Adds to a refusal `sold_out` what a late buyer can still do.
void write_sold_out(JsonWriter& out, const engine::Board& board, const ledger::Edition& edition);

}  // namespace stardrop::api
