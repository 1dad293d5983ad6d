// The verdict of a drop: what the buyers were told, compared with what the server says happened.
#include "app/drop_bench/verdict.h"

#include <algorithm>

#include "app/cli/console.h"
#include "app/drop_bench/bulk.h"

namespace stardrop::app {

namespace {

/// Gifts that are read back one by one.
constexpr std::size_t kSampleMax = 500;

std::string of(std::int64_t part, std::int64_t whole) {
  return grouped(part) + " of " + grouped(whole);
}

/// Every serial of `edition` from 1 to the number sold, each once.
Check check_serials(const Crowd& crowd,
                    std::size_t edition,
                    const std::vector<std::uint16_t>& edition_of) {
  std::vector<std::int64_t> serials;
  for (std::size_t i = 0; i < crowd.sales().size(); ++i) {
    if (edition_of[i] == edition) serials.push_back(crowd.sales()[i].serial);
  }
  std::sort(serials.begin(), serials.end());
  Check out{"serials of edition " + std::to_string(edition + 1), true, {}};
  for (std::size_t i = 0; i < serials.size(); ++i) {
    if (serials[i] == static_cast<std::int64_t>(i) + 1) continue;
    out.ok = false;
    const bool twice = i > 0 && serials[i] == serials[i - 1];
    out.detail = twice ? "serial " + std::to_string(serials[i]) + " was sold twice"
                       : "serial " + std::to_string(i + 1) + " is missing";
    return out;
  }
  out.detail = serials.empty()
                   ? "none sold"
                   : "1 to " + grouped(static_cast<std::int64_t>(serials.size())) + ", each once";
  return out;
}

Check check_gifts_unique(const Crowd& crowd) {
  std::vector<std::string_view> ids;
  for (const Sale& sale : crowd.sales()) ids.push_back(sale.gift.text());
  std::sort(ids.begin(), ids.end());
  const auto twice = std::adjacent_find(ids.begin(), ids.end());
  if (twice == ids.end()) return {"no gift sold twice", true, grouped(crowd.sold()) + " gifts"};
  return {"no gift sold twice", false, std::string(*twice) + " was"};
}

}  // namespace

std::vector<Check> check_witness(const Crowd& crowd, const Tally& tally) {
  std::vector<Check> out;
  std::vector<std::uint16_t> edition_of;
  for (const Sale& sale : crowd.sales()) edition_of.push_back(sale.edition);
  out.push_back({"sold out", crowd.sold_out(), of(crowd.sold(), crowd.supply()) + " sold"});
  for (std::size_t i = 0; i < crowd.editions().size(); ++i)
    out.push_back(check_serials(crowd, i, edition_of));
  out.push_back(check_gifts_unique(crowd));
  out.push_back({"every answer as expected", tally.wrong_count == 0,
                 tally.wrong_count == 0
                     ? grouped(static_cast<std::int64_t>(tally.replays)) + " replays byte for byte"
                     : grouped(static_cast<std::int64_t>(tally.wrong_count)) +
                           " wrong, such as: " + tally.wrong.front()});
  return out;
}

std::vector<Check> check_server(const Crowd& crowd, LoadLoop& loop) {
  std::vector<Check> out;
  std::vector<std::string> paths;
  for (const DropEdition& edition : crowd.editions()) paths.push_back("/v1/editions/" + edition.id);
  const std::size_t first_gift = paths.size();
  const std::size_t step = std::max<std::size_t>(1, crowd.sales().size() / kSampleMax);
  std::vector<std::size_t> sampled;
  for (std::size_t i = 0; i < crowd.sales().size(); i += step) {
    sampled.push_back(i);
    paths.push_back("/v1/gifts/" + std::string(crowd.sales()[i].gift.text()));
  }
  const std::size_t audit = paths.size();
  paths.emplace_back("/v1/audit");

  std::string gift_wrong;
  BulkGets gets(paths, [&](std::size_t index, int status, std::string_view body) {
    if (index < first_gift) {
      const DropEdition& edition = crowd.editions()[index];
      const std::int64_t sold = number_member(body, "sold").value_or(-1);
      out.push_back({"edition " + std::to_string(index + 1) + " as the server counts",
                     status == 200 && sold == edition.sold,
                     status == 200
                         ? grouped(sold) + " sold, " + grouped(edition.sold) + " acknowledged"
                         : problem_text(status, body)});
    } else if (index < audit) {
      const Sale& sale = crowd.sales()[sampled[index - first_gift]];
      const bool same = status == 200 && text_member(body, "owner") == crowd.buyers()[sale.buyer] &&
                        number_member(body, "serial") == sale.serial;
      if (!same && gift_wrong.empty())
        gift_wrong = std::string(sale.gift.text()) + " is not what its buyer was told";
    } else {
      const bool ok = status == 200 && body.find("\"ok\":true") != std::string_view::npos;
      out.push_back({"audit by the server", ok,
                     ok              ? "no violation"
                     : status == 200 ? printable(body.substr(0, 300))
                                     : problem_text(status, body)});
    }
  });
  if (const auto wrong = loop.run(gets)) out.push_back({"the server answers", false, *wrong});
  out.push_back({"gifts read back", gift_wrong.empty(),
                 gift_wrong.empty() ? grouped(static_cast<std::int64_t>(sampled.size())) + " read"
                                    : gift_wrong});
  std::sort(out.begin(), out.end(), [](const Check& a, const Check& b) { return a.name < b.name; });
  return out;
}

bool all_hold(const std::vector<Check>& checks) {
  return std::all_of(checks.begin(), checks.end(), [](const Check& each) { return each.ok; });
}

}  // namespace stardrop::app
