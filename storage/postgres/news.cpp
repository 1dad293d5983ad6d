// Tailing the journals of other lanes.
#include "storage/postgres/news.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/binary.h"
#include "storage/postgres/row_table.h"
#include "storage/refused.h"

namespace stardrop::storage::postgres {
namespace {

/// Most batches of a lane read at once.
constexpr std::int64_t kBatchesMax = 256;

const std::string kLook = "SELECT lane, last_op, lease_until > clock_timestamp() FROM lanes";
/// One lane's: over several at once the journal would be walked by time, from its beginning.
const std::string kRead =
    "SELECT last_op, last_time, news FROM journal WHERE lane = $1 AND first_op > $2 "
    "AND first_op <= $3 ORDER BY first_op LIMIT $4";

/// What one batch told.
struct Told {
  std::int64_t last_time;
  std::int64_t lane;
  std::int64_t last_op;
  std::string_view news;

  auto operator<=>(const Told&) const = default;
};

/// The batches of several lanes in the order of their times. Where there may be more of a lane than
/// were read, nothing behind what was read of it.
std::vector<Told> in_order_of_time(const std::vector<std::int64_t>& lanes,
                                   const std::vector<Answer>& answers) {
  std::vector<Told> out;
  std::optional<Told> end;
  for (std::size_t at = 0; at < lanes.size(); ++at) {
    const Answer& of_lane = answers[at];
    for (int row = 0; row < of_lane.rows(); ++row) {
      out.push_back(
          {of_lane.integer(row, 1), lanes[at], of_lane.integer(row, 0), of_lane.bytes(row, 2)});
    }
    if (of_lane.rows() == kBatchesMax && (!end || out.back() < *end)) end = out.back();
  }
  std::ranges::sort(out);
  if (end) std::erase_if(out, [&](const Told& each) { return *end < each; });
  return out;
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

/// Reads rows as they are now, and shows them as changed.
template <class Row>
Status take_over(const Answer& answer, market::State& into) {
  for (int row = 0; row < answer.rows(); ++row) {
    STARDROP_TRY_ASSIGN(Row fresh, RowTable<Row>::read(answer, row));
    const auto key = fresh.key();
    into.table<Row>().take_over(key, std::move(fresh));
  }
  return done();
}

/// The slices of these editions as they are now; the others of theirs are gone.
Status take_slices(const Answer& answer,
                   const std::vector<EditionId>& editions,
                   market::State& into) {
  auto& slices = into.table<ledger::StockSlice>();
  std::vector<PairKey> known;
  slices.for_each([&](const ledger::StockSlice& slice) {
    if (std::ranges::binary_search(editions, slice.edition)) known.push_back(slice.key());
  });
  for (const PairKey& key : known) slices.take_over(key, std::nullopt);
  return take_over<ledger::StockSlice>(answer, into);
}

}  // namespace

BatchNews BatchNews::of(const market::State& state, const std::vector<market::Event>& events) {
  BatchNews out;
  out.events = events;
  state.table<ledger::Edition>().for_each_change(
      [&](const auto& change) { out.editions.push_back(change.key); });
  state.table<ledger::StockSlice>().for_each_change(
      [&](const auto& change) { out.editions.push_back(EditionId(change.key.first)); });
  out.editions = in_order(std::move(out.editions));
  state.table<ledger::Reservation>().for_each_change([&](const auto& change) {
    out.reservations.push_back(change.key);
    if (change.after != nullptr) out.reservers.push_back(change.after->account);
  });
  out.keys = state.table<ledger::AccessKey>().has_changes();
  out.rules = state.table<market::RuleSettings>().has_changes();
  return out;
}

Status NewsReader::begin(Connection& db, std::uint32_t own_lane) {
  own_lane_ = own_lane;
  STARDROP_TRY_ASSIGN(const Answer lanes, db.run(kLook));
  for (int row = 0; row < lanes.rows(); ++row) {
    // A place that is known from before a break is where reading goes on.
    places_.try_emplace(lanes.integer(row, 0), lanes.integer(row, 1));
  }
  look(lanes);
  return done();
}

void NewsReader::send_look(Connection& db) { db.send(kLook); }

void NewsReader::look(const Answer& answer) {
  writers_ = 1;
  must_look_ = false;
  for (int row = 0; row < answer.rows(); ++row) {
    const std::int64_t lane = answer.integer(row, 0);
    if (lane != own_lane_ && answer.integer(row, 2) != 0) ++writers_;
    const auto place = places_.try_emplace(lane, 0).first;
    ends_[lane] = answer.integer(row, 1);
    has_news_ = has_news_ || answer.integer(row, 1) > place->second;
  }
}

void NewsReader::committed(const Answer& answer, OpId last_op) {
  std::int64_t& own = places_[own_lane_];
  const std::int64_t before = own;
  own = last_op.value();
  look(answer);
  if (has_news_) own = before;
}

Result<bool> NewsReader::take(Connection& db,
                              market::State& into,
                              std::vector<market::Event>& events) {
  std::vector<std::int64_t> lanes;
  for (const auto& [lane, end_op] : ends_) {
    if (end_op <= places_[lane]) continue;
    lanes.push_back(lane);
    db.send(kRead, Parameters().add(lane).add(places_[lane]).add(end_op).add(kBatchesMax));
  }
  if (lanes.empty()) {
    has_news_ = false;
    return false;
  }
  STARDROP_TRY_ASSIGN(const auto answers, db.receive());
  const std::vector<Told> batches = in_order_of_time(lanes, answers);
  const bool more = std::ranges::any_of(
      answers, [](const Answer& of_lane) { return of_lane.rows() == kBatchesMax; });
  std::map<std::int64_t, std::int64_t> behind = places_;
  for (const Told& each : batches) behind[each.lane] = each.last_op;
  const bool all_there = more || std::ranges::all_of(ends_, [&](const auto& end) {
                           return behind[end.first] >= end.second;
                         });
  if (!all_there) {
    has_news_ = false;
    return false;
  }
  BatchNews all;
  for (const Told& each : batches) {
    auto news = from_binary<BatchNews>(each.news);
    if (!news) {
      return refused("The news of a batch are damaged.", "damaged_journal");
    }
    append(all.events, news->events);
    append(all.editions, news->editions);
    append(all.reservations, news->reservations);
    append(all.reservers, news->reservers);
    all.keys = all.keys || news->keys;
    all.rules = all.rules || news->rules;
  }
  all.editions = in_order(std::move(all.editions));
  all.reservations = in_order(std::move(all.reservations));
  all.reservers = in_order(std::move(all.reservers));
  // Rows are read behind the journal, so they are never older than what the events say.
  const bool reserved = !all.reservations.empty();
  if (reserved || !all.editions.empty()) {
    using Editions = RowTable<ledger::Edition>;
    using Reservations = RowTable<ledger::Reservation>;
    using Accounts = RowTable<ledger::Account>;
    // Slices behind editions: what one has sold is never counted twice.
    db.send(Editions::select(), Editions::keys_of(all.editions));
    db.send(RowTable<ledger::StockSlice>::select_ranges(), Editions::keys_of(all.editions));
    if (reserved) {
      db.send(Reservations::select(), Reservations::keys_of(all.reservations));
      db.send(Accounts::select(), Accounts::keys_of(all.reservers));
    }
    STARDROP_TRY_ASSIGN(const auto rows, db.receive());
    STARDROP_TRY(take_over<ledger::Edition>(rows[0], into));
    STARDROP_TRY(take_slices(rows[1], all.editions, into));
    if (reserved) {
      STARDROP_TRY(take_over<ledger::Reservation>(rows[2], into));
      STARDROP_TRY(take_over<ledger::Account>(rows[3], into));
    }
  }
  if (all.keys) {
    STARDROP_TRY_ASSIGN(const Answer rows, db.run(RowTable<ledger::AccessKey>::select_all()));
    STARDROP_TRY(take_over<ledger::AccessKey>(rows, into));
  }
  if (all.rules) {
    STARDROP_TRY_ASSIGN(const Answer rows, db.run(RowTable<market::RuleSettings>::select_all()));
    STARDROP_TRY(take_over<market::RuleSettings>(rows, into));
  }
  places_ = std::move(behind);
  has_news_ = more;
  events.insert(events.end(), all.events.begin(), all.events.end());
  return !batches.empty();
}

}  // namespace stardrop::storage::postgres
