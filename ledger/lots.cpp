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

void Lots::add(Lot lot) {
  auto same = std::ranges::find(open, lot.top_up, &Lot::top_up);
  if (same == open.end() && open.size() >= kLotsMax) {
    same = std::ranges::find_if(open.begin(), open.end() - 1, [&](const Lot& here) {
      return here.reversible_until >= lot.reversible_until;
    });
  }
  if (same != open.end()) {
    lot.top_up = same->top_up;
    lot.stars = Stars::units(lot.stars.units() + same->stars.units());
    lot.reversible_until = std::max(lot.reversible_until, same->reversible_until);
    open.erase(same);
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

Lot Lots::take_from(TopUpId top_up, Stars stars) {
  const auto lot = std::ranges::find(open, top_up, &Lot::top_up);
  if (lot == open.end()) return {top_up, Stars(), Instant()};
  const Lot taken{top_up, std::min(stars, lot->stars), lot->reversible_until};
  lot->stars = Stars::units(lot->stars.units() - taken.stars.units());
  if (lot->stars.is_zero()) open.erase(lot);
  return taken;
}

}  // namespace stardrop::ledger
