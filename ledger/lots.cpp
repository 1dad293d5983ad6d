// Arithmetic of lots.
#include "ledger/lots.h"

#include <algorithm>

#include "base/check.h"

namespace stardrop::ledger {

Stars Lots::mature(Instant now) {
  Stars matured;
  std::erase_if(open, [&](const Lot& lot) {
    if (lot.reversible_until > now) return false;
    matured = Stars::units(matured.units() + lot.stars.units());
    return true;
  });
  return matured;
}

void Lots::add(const Lot& lot) {
  for (Lot& here : open) {
    if (here.top_up == lot.top_up) {
      here.stars = Stars::units(here.stars.units() + lot.stars.units());
      return;
    }
  }
  if (open.size() >= kLotsMax) {
    // Joined with one that becomes final later, or the last: nobody's wait gets shorter.
    Lot& joined = *std::ranges::find_if(open.begin(), open.end() - 1, [&](const Lot& here) {
      return here.reversible_until >= lot.reversible_until;
    });
    joined.stars = Stars::units(joined.stars.units() + lot.stars.units());
    joined.reversible_until = std::max(joined.reversible_until, lot.reversible_until);
    return;
  }
  const auto place = std::ranges::find_if(open, [&](const Lot& here) {
    return std::pair(here.reversible_until, here.top_up) >
           std::pair(lot.reversible_until, lot.top_up);
  });
  open.insert(place, lot);
}

std::vector<Lot> Lots::take(Stars stars) {
  std::vector<Lot> taken;
  while (stars.is_positive()) {
    STARDROP_ASSERT(!open.empty(), "the lots cover what is taken from them");
    Lot& first = open.front();
    const Stars part = std::min(stars, first.stars);
    taken.push_back({first.top_up, part, first.reversible_until});
    stars = Stars::units(stars.units() - part.units());
    first.stars = Stars::units(first.stars.units() - part.units());
    if (first.stars.is_zero()) open.erase(open.begin());
  }
  return taken;
}

Stars Lots::take_from(TopUpId top_up, Stars stars) {
  const auto lot = std::ranges::find(open, top_up, &Lot::top_up);
  if (lot == open.end()) return {};
  const Stars part = std::min(stars, lot->stars);
  lot->stars = Stars::units(lot->stars.units() - part.units());
  if (lot->stars.is_zero()) open.erase(lot);
  return part;
}

}  // namespace stardrop::ledger
