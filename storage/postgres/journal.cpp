// Batches as rows.
#include "storage/postgres/journal.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <iterator>

#include "base/binary.h"
#include "ledger/ids.h"
#include "storage/postgres/shard_map.h"
#include "storage/refused.h"

namespace stardrop::storage::postgres {
namespace {

using engine::JournalBatch;
using engine::UsedKey;

/// Batches read at once: one may be some hundred kilobytes.
constexpr std::int64_t kBatchesAtOnce = 64;

const std::string kColumns =
    "SELECT lane, first_op, last_op, last_time, entries, chain, body FROM journal ";

std::string uuid_of(const UsedKey& key) {
  std::string out;
  BinaryWriter(out).fixed64(key.digest);
  out.append(reinterpret_cast<const char*>(&key.second_half), sizeof key.second_half);
  return out;
}

Result<JournalBatch> read_batch(const Answer& from, int row) {
  JournalBatch out;
  out.lane = static_cast<std::uint32_t>(from.integer(row, 0));
  out.first_op = OpId(from.integer(row, 1));
  out.last_op = OpId(from.integer(row, 2));
  out.entries = static_cast<std::uint32_t>(from.integer(row, 4));
  const std::string_view chain = from.bytes(row, 5);
  if (chain.size() != out.chain.size()) {
    return refused("The journal is damaged.", "damaged_journal").with("op", out.first_op.text());
  }
  std::ranges::copy(chain, out.chain.begin());
  out.body = std::string(from.bytes(row, 6));
  return out;
}

/// The batches of one lane that were read and not given yet.
struct LanePage {
  struct Timed {
    Instant last_time;
    JournalBatch batch;
  };

  std::int64_t lane;
  OpId place;  // behind which reading goes on
  bool ended;
  std::deque<Timed> batches;
};

/// Reads on in every lane of which nothing is left. Each by itself: in the order of their times the
/// journal of all would have to be walked from its beginning, or to have an index for that.
Status turn_pages(Connection& db, std::vector<LanePage>& lanes) {
  static const std::string text =
      kColumns + "WHERE lane = $1 AND first_op > $2 ORDER BY first_op LIMIT $3";
  if (lanes.empty()) return done();  // nobody has opened the database yet
  const auto limit = std::max<std::int64_t>(1, kBatchesAtOnce / std::ssize(lanes));
  std::vector<LanePage*> empty;
  for (LanePage& each : lanes) {
    if (each.ended || !each.batches.empty()) continue;
    empty.push_back(&each);
    db.send(text, Parameters().add(each.lane).add(each.place.value()).add(limit));
  }
  if (empty.empty()) return done();
  STARDROP_TRY_ASSIGN(const auto answers, db.receive());
  for (std::size_t at = 0; at < empty.size(); ++at) {
    const Answer& page = answers[at];
    LanePage& lane = *empty[at];
    for (int row = 0; row < page.rows(); ++row) {
      STARDROP_TRY_ASSIGN(JournalBatch batch, read_batch(page, row));
      lane.place = batch.first_op;
      lane.batches.push_back({Instant{page.integer(row, 3)}, std::move(batch)});
    }
    lane.ended = page.rows() < limit;
  }
  return done();
}

}  // namespace

void send_batch(Connection& db,
                const JournalBatch& batch,
                Instant last_time,
                const BatchNews& news) {
  // By SELECT: that makes Citus commit in two phases, whatever else the batch has changed.
  db.send(
      "INSERT INTO journal(lane, first_op, last_op, last_time, entries, chain, body, news) "
      "SELECT $1, $2, $3, $4, $5, $6, $7, $8",
      Parameters()
          .add(std::int64_t{batch.lane})
          .add(batch.first_op.value())
          .add(batch.last_op.value())
          .add(last_time.us)
          .add(std::int64_t{batch.entries})
          .add(bytes_of(batch.chain), Type::bytea)
          .add(batch.body, Type::bytea)
          .add(to_binary(news), Type::bytea));
}

void send_used_keys(Connection& db, const std::vector<UsedKey>& keys, bool spread) {
  static const std::string here =
      "INSERT /* one server */ INTO used_keys(digest, op) "
      "SELECT * FROM unnest($1::uuid[], $2::bigint[])";
  static const std::string counted =
      "WITH written AS (INSERT INTO used_keys(digest, op) "
      "SELECT * FROM unnest($1::uuid[], $2::bigint[]) ON CONFLICT DO NOTHING RETURNING 1) "
      "SELECT 1 / (CASE WHEN count(*) = cardinality($1::uuid[]) THEN 1 ELSE 0 END) FROM written";
  if (keys.empty()) return;
  Array digests(Type::uuid_array);
  Array ops(Type::int8_array);
  for (const UsedKey& key : keys) {
    digests.add(std::string_view(uuid_of(key)));
    ops.add(key.op.value());
  }
  db.send(spread ? counted : here, Parameters().add(digests).add(ops));
}

void send_find_keys(Connection& db, std::span<const UsedKey> keys) {
  Array digests(Type::uuid_array);
  for (const UsedKey& key : keys) {
    if (key.digest != 0) digests.add(std::string_view(uuid_of(key)));
  }
  db.send("SELECT digest, op FROM used_keys WHERE digest = ANY($1)", Parameters().add(digests));
}

std::vector<UsedKey> read_keys(const Answer& answer) {
  std::vector<UsedKey> out;
  for (int row = 0; row < answer.rows(); ++row) {
    const std::string_view digest = answer.bytes(row, 0);
    UsedKey key;
    key.digest = BinaryReader(digest).fixed64();
    if (digest.size() == 16) std::memcpy(&key.second_half, digest.data() + 8, 8);
    key.op = OpId(answer.integer(row, 1));
    out.push_back(key);
  }
  return out;
}

Result<std::optional<JournalBatch>> find_batch(Connection& db, OpId op) {
  std::optional<JournalBatch> out;
  STARDROP_TRY(find_batches(db, {&op, 1}, [&](JournalBatch&& batch) { out = std::move(batch); }));
  return out;
}

/// First where they begin, as many operations may be of one batch, whose body is then read once.
Status find_batches(Connection& db,
                    std::span<const OpId> ops,
                    const std::function<void(JournalBatch&&)>& take) {
  static const std::string text = kColumns + "WHERE lane = $1 AND first_op = $2";
  // A statement each: Citus goes by the lane, which it takes no join for.
  for (const OpId op : ops) {
    db.send(
        "SELECT first_op FROM journal WHERE lane = $1 AND first_op <= $2 ORDER BY first_op DESC "
        "LIMIT 1",
        Parameters().add(ledger::node_of(op)).add(op.value()));
  }
  if (ops.empty()) return done();
  STARDROP_TRY_ASSIGN(const auto begins, db.receive());
  std::vector<OpId> firsts;
  for (const Answer& begin : begins) {
    if (begin.rows() == 1) firsts.emplace_back(begin.integer(0, 0));
  }
  firsts = in_order(std::move(firsts));
  for (std::span<const OpId> left = firsts; !left.empty();) {
    const auto some = left.first(std::min<std::size_t>(left.size(), kBatchesAtOnce));
    left = left.subspan(some.size());
    for (const OpId first : some) {
      db.send(text, Parameters().add(ledger::node_of(first)).add(first.value()));
    }
    STARDROP_TRY_ASSIGN(const auto answers, db.receive());
    for (const Answer& found : answers) {
      if (found.rows() == 0) continue;
      STARDROP_TRY_ASSIGN(JournalBatch batch, read_batch(found, 0));
      take(std::move(batch));
    }
  }
  return done();
}

Status read_journal(Connection& db,
                    OpId after,
                    const std::function<bool(const JournalBatch&)>& take) {
  STARDROP_TRY_ASSIGN(const Answer numbers, db.run("SELECT lane FROM lanes ORDER BY lane"));
  std::vector<LanePage> lanes;
  for (int row = 0; row < numbers.rows(); ++row) {
    lanes.push_back({numbers.integer(row, 0), after, false, {}});
  }
  for (;;) {
    STARDROP_TRY(turn_pages(db, lanes));
    LanePage* next = nullptr;
    for (LanePage& lane : lanes) {
      if (lane.batches.empty()) continue;
      if (next == nullptr || lane.batches.front().last_time < next->batches.front().last_time) {
        next = &lane;
      }
    }
    if (next == nullptr || !take(next->batches.front().batch)) return done();
    next->batches.pop_front();
  }
}

}  // namespace stardrop::storage::postgres
