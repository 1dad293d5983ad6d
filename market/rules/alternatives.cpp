// What else a buyer might like.
#include "market/rules/alternatives.h"

#include <algorithm>
#include <tuple>

namespace stardrop::market {
namespace {

using ledger::Edition;

bool is_on_sale(const Edition& edition, Instant now) {
  return !edition.sold_out() && now >= edition.sale_opens_at &&
         (!edition.sale_ends_at.is_set() || now < edition.sale_ends_at);
}

std::int64_t tags_in_common(const Edition& a, const Edition& b) {
  return std::ranges::count_if(a.tags, [&](const std::string& tag) {
    return std::ranges::find(b.tags, tag) != b.tags.end();
  });
}

/// Per mille by which the dearer costs more than the cheaper; prices are at most 10¹² Stars.
std::int64_t price_distance(const Edition& a, const Edition& b) {
  const auto [low, high] = std::minmax({a.stars.whole_part(), b.stars.whole_part()});
  return (high - low) * 1000 / std::max<std::int64_t>(low, 1);
}

}  // namespace

std::vector<EditionId> alternatives_to(const Edition& wanted,
                                       const std::vector<const Edition*>& editions,
                                       Instant now) {
  using Rank = std::tuple<std::int64_t, std::int64_t, EditionId>;
  std::vector<Rank> ranks;
  for (const Edition* const each : editions) {
    if (each->id == wanted.id || !is_on_sale(*each, now)) continue;
    if (each->premium_only && !wanted.premium_only) continue;
    ranks.emplace_back(-tags_in_common(wanted, *each), price_distance(wanted, *each), each->id);
  }
  const std::size_t count = std::min(ranks.size(), kAlternativesMax);
  std::ranges::partial_sort(ranks, ranks.begin() + static_cast<std::ptrdiff_t>(count));
  std::vector<EditionId> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(std::get<2>(ranks[i]));
  return out;
}

}  // namespace stardrop::market
