// The verdict of a drop: what the buyers were told, compared with what the server says happened.
#pragma once

#include <string>
#include <vector>

#include "app/drop_bench/crowd.h"
#include "app/drop_bench/load_loop.h"
#include "app/drop_bench/tally.h"

namespace stardrop::app {

/// One thing that must hold.
struct Check {
  std::string name;
  bool ok = false;
  std::string detail;
};

/// What holds by the buyers' own records: every serial once and without gap, no gift twice, every
/// answer the expected one.
std::vector<Check> check_witness(const Crowd& crowd, const Tally& tally);

/// What the server says: editions' counts, single gifts, its own audit.
std::vector<Check> check_server(const Crowd& crowd, LoadLoop& loop);

/// Whether all hold.
bool all_hold(const std::vector<Check>& checks);

}  // namespace stardrop::app
