// What happens in which transaction, and what became of it when the connection broke.
#include "storage/postgres/postgres_store.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "base/base64url.h"
#include "base/random.h"
#include "storage/postgres/batch_rows.h"
#include "storage/postgres/bell.h"
#include "storage/postgres/journal.h"
#include "storage/postgres/lanes.h"
#include "storage/postgres/migrations.h"
#include "storage/postgres/news.h"
#include "storage/postgres/postgres_snapshot.h"
#include "storage/postgres/row_table.h"
#include "storage/postgres/session.h"
#include "storage/postgres/shares.h"
#include "storage/refused.h"

namespace stardrop::storage::postgres {

using engine::JournalBatch;
using engine::LaneHead;
using engine::Locked;
using engine::LockNeeds;
using engine::Trouble;
using ledger::Account;
using market::AllRows;
using market::State;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kResolvePause{100};
/// A lease is renewed this often in its time.
constexpr int kRenewals = 3;

std::string name_of_owner() {
  std::string bytes;
  BinaryWriter out(bytes);
  out.fixed64(entropy64());
  out.fixed64(entropy64());
  return base64url(bytes);
}

Error not_open() { return refused("The database is not open.", "not_open"); }

}  // namespace

/// What the store is made of.
class PostgresStore::Impl {
 public:
  explicit Impl(Options options)
      : options_(std::move(options)), lanes_(name_of_owner(), options_.lease) {}
  ~Impl() {
    abort();
    if (db_.is_open()) lanes_.give_back(db_);
  }

  Result<LaneHead> open(State& into);
  Status load(const market::Keys& keys, State& into);
  Result<Locked> lock(const market::Keys& keys, const LockNeeds& needs, State& into);
  Result<std::vector<PairKey>> abandoned_slices();
  Status claim_timers(Instant now, std::int64_t most, State& into);
  Status commit(const engine::Changes& changes);
  void abort();
  Status confirm();
  Status tidy(State& state);
  Result<bool> take_news(State& into, std::vector<market::Event>& events);

  void on_ring(std::function<void()> wake) {
    bell_.reset();
    wake_ = std::move(wake);
  }
  bool has_bell() const noexcept { return bell_ && bell_->works(); }
  std::int64_t writers() const noexcept { return news_.writers(); }

  Result<Connection*> db() {
    if (db_.is_open()) return &db_;
    trouble_ = Trouble::lost;
    return not_open();
  }
  const Options& options() const noexcept { return options_; }
  Trouble trouble() const noexcept { return trouble_; }
  bool is_spread() const noexcept { return shards_.is_spread(); }
  bool has_news() const noexcept { return news_.has_news(); }
  std::uint64_t resolved() const noexcept { return resolved_; }
  std::uint64_t round_trips() const noexcept { return db_.round_trips(); }
  /// Passes a refusal on, and remembers what it means.
  template <class T>
  Result<T> noted(Result<T> result) {
    if (!result.ok()) note_trouble();
    return result;
  }

 private:
  Status connect();
  Status read_residents(State& into);
  void note_trouble();
  Status resolve(const JournalBatch& batch);
  Result<bool> is_in_journal(const JournalBatch& batch);

  Options options_;
  Lanes lanes_;
  Connection db_;
  Shares shares_;
  ShardMap shards_;
  NewsReader news_;
  bool in_transaction_ = false;
  Trouble trouble_ = Trouble::none;
  steady_clock::time_point renew_at_;
  steady_clock::time_point look_for_abandoned_at_;
  std::uint64_t resolved_ = 0;
  std::function<void()> wake_;
  std::unique_ptr<Bell> bell_;
};

// --- opening -----------------------------------------------------------------------------------

void PostgresStore::Impl::note_trouble() {
  trouble_ = db_.trouble();
  if (trouble_ == Trouble::lost) db_.close();
}

Status PostgresStore::Impl::connect() {
  in_transaction_ = false;
  STARDROP_TRY_ASSIGN(db_, Connection::open(options_.url, "stardrop"));
  db_.wait_at_most(longest_silence(options_));
  return db_.script(session_settings(options_));
}

/// What others must be told of as it changes is in memory from the start.
Status PostgresStore::Impl::read_residents(State& into) {
  const auto read = [&]<class Row>(std::type_identity<Row>) -> Status {
    STARDROP_TRY_ASSIGN(const Answer rows, db_.run(RowTable<Row>::select_all()));
    for (int at = 0; at < rows.rows(); ++at) {
      STARDROP_TRY_ASSIGN(Row row, RowTable<Row>::read(rows, at));
      const auto key = row.key();
      into.table<Row>().load(key, std::move(row));
    }
    return done();
  };
  STARDROP_TRY(read(std::type_identity<ledger::Edition>()));
  STARDROP_TRY(read(std::type_identity<ledger::StockSlice>()));
  STARDROP_TRY(read(std::type_identity<ledger::OpenReservation>()));
  STARDROP_TRY(read(std::type_identity<ledger::AccessKey>()));
  return read(std::type_identity<market::RuleSettings>());
}

Result<LaneHead> PostgresStore::Impl::open(State& into) {
  trouble_ = Trouble::none;
  abort();
  if (!db_.is_open()) STARDROP_TRY(connect());
  const auto try_to_open = [&]() -> Result<LaneHead> {
    STARDROP_TRY(migrate(db_));
    STARDROP_TRY(shards_.read(db_));
    STARDROP_TRY(check_import(db_));
    STARDROP_TRY(agree_on_master_key(db_, options_.master_key_digest));
    STARDROP_TRY(compare_clocks(db_, options_.clock));
    STARDROP_TRY(Shares::make_accounts(db_));
    STARDROP_TRY_ASSIGN(const LaneHead head, lanes_.take(db_));
    // Places first, rows after: nothing that comes in between is missed.
    STARDROP_TRY(news_.begin(db_, head.lane));
    STARDROP_TRY(read_residents(into));
    Shares::send_read(db_);
    STARDROP_TRY_ASSIGN(const auto answers, db_.receive());
    STARDROP_TRY(shares_.read(answers, 0));
    return head;
  };
  auto head = try_to_open();
  if (!head) {
    db_.close();
    return head;
  }
  renew_at_ = steady_clock::now();
  if (wake_ && !bell_) bell_ = std::make_unique<Bell>(options_.url, wake_);
  return head;
}

// --- reading -----------------------------------------------------------------------------------

Status PostgresStore::Impl::load(const market::Keys& keys, State& into) {
  STARDROP_TRY(db());
  const auto wants_shares = std::ranges::any_of(keys.of<Account>(), ledger::is_system_account);
  if (wants_shares) Shares::send_read(db_);
  const KeyStatements statements = send_keys(db_, keys, false, shards_);
  STARDROP_TRY_ASSIGN(const auto answers, noted(db_.receive()));
  if (wants_shares) STARDROP_TRY(shares_.read(answers, 0));
  return take_rows(keys, answers, wants_shares ? Shares::kReadAnswers : 0, statements, shares_,
                   into);
}

Result<Locked> PostgresStore::Impl::lock(const market::Keys& keys,
                                         const LockNeeds& needs,
                                         State& into) {
  STARDROP_TRY(db());
  trouble_ = Trouble::none;
  const bool begins = !std::exchange(in_transaction_, true);
  std::size_t at = 0;
  if (begins) {
    db_.send("BEGIN");
    lanes_.send_lock(db_, needs.alone);
    if (needs.alone) Shares::send_read(db_);
    at = static_cast<std::size_t>(1 + Lanes::lock_answers(needs.alone)) +
         (needs.alone ? Shares::kReadAnswers : 0);
  }
  const KeyStatements statements = send_keys(db_, keys, true, shards_);
  Lanes::send_latest(db_);
  const bool finds =
      std::ranges::any_of(needs.keys, [](const auto& key) { return key.digest != 0; });
  if (finds) send_find_keys(db_, needs.keys);
  STARDROP_TRY_ASSIGN(const auto answers, noted(db_.receive()));
  if (begins) {
    const std::size_t last_lock = static_cast<std::size_t>(Lanes::lock_answers(needs.alone));
    if (!lanes_.is_ours(answers[last_lock])) {
      trouble_ = Trouble::lost;
      return lease_lost();
    }
    if (needs.alone) STARDROP_TRY(shares_.read(answers, last_lock + 1));
  }
  STARDROP_TRY(take_rows(keys, answers, at, statements, shares_, into));
  Locked out;
  const Answer& latest = answers[answers.size() - (finds ? 2 : 1)];
  out.latest = Instant{latest.integer(0, 0)};
  out.highest_id = latest.integer(0, 1);
  if (finds) out.used = read_keys(answers.back());
  return out;
}

/// As often as leases are renewed: a node that is gone was alive so long.
Result<std::vector<PairKey>> PostgresStore::Impl::abandoned_slices() {
  std::vector<PairKey> out;
  const auto now = steady_clock::now();
  if (now < look_for_abandoned_at_) return out;
  STARDROP_TRY(db());
  STARDROP_TRY_ASSIGN(
      const Answer found,
      noted(db_.run("SELECT s.edition, s.lane FROM stock_slices s JOIN lanes l ON l.lane = s.lane "
                    "WHERE l.lease_until < clock_timestamp()")));
  look_for_abandoned_at_ = now + std::chrono::microseconds(options_.lease.us / kRenewals);
  for (int row = 0; row < found.rows(); ++row) {
    out.push_back({found.integer(row, 0), found.integer(row, 1)});
  }
  return out;
}

Status PostgresStore::Impl::claim_timers(Instant now, std::int64_t most, State& into) {
  using Timers = RowTable<ledger::Timer>;
  STARDROP_TRY(db());
  // Those that the batch has done with already are found again.
  into.table<ledger::Timer>().for_each_change([&](const auto&) { ++most; });
  STARDROP_TRY_ASSIGN(
      const Answer due,
      noted(db_.run("SELECT due, subject, kind FROM timers WHERE due <= $1 ORDER BY due, subject "
                    "LIMIT $2 FOR UPDATE SKIP LOCKED",
                    Parameters().add(now.us).add(most))));
  for (int row = 0; row < due.rows(); ++row) {
    STARDROP_TRY_ASSIGN(const ledger::Timer timer, Timers::read(due, row));
    into.table<ledger::Timer>().load(timer.key(), timer);
  }
  return done();
}

// --- writing -----------------------------------------------------------------------------------

Status PostgresStore::Impl::commit(const engine::Changes& changes) {
  STARDROP_TRY(db());
  STARDROP_ASSERT(in_transaction_, "what is written was locked");
  trouble_ = Trouble::none;
  const Table<Account>& accounts = changes.state.table<Account>();
  send_changes(db_, changes.state, shards_);
  shares_.send_changes(db_, lanes_.lane(), accounts);
  send_batch(db_, changes.journal, changes.head.last_time,
             BatchNews::of(changes.state, changes.events));
  send_used_keys(db_, changes.keys, shards_.is_spread());
  lanes_.send_advance(db_, changes.head);
  db_.send("COMMIT");
  NewsReader::send_look(db_);
  auto answers = db_.receive();
  if (!answers) {
    if (db_.in_failed_transaction()) {
      note_trouble();
      return std::move(answers).error();
    }
    STARDROP_TRY(resolve(changes.journal));
    news_.unsure();
  } else {
    news_.committed(answers->back(), changes.journal.last_op);
  }
  in_transaction_ = false;
  if (bell_ && (!answers || news_.writers() > 1)) bell_->ring();
  shares_.committed(accounts);
  renew_at_ = steady_clock::now() + std::chrono::microseconds(options_.lease.us / kRenewals);
  return done();
}

Result<bool> PostgresStore::Impl::is_in_journal(const JournalBatch& batch) {
  STARDROP_TRY_ASSIGN(const auto found, postgres::find_batch(db_, batch.last_op));
  return found && found->last_op == batch.last_op && found->chain == batch.chain;
}

/// The connection broke in a commit. The lane's row is locked by the transaction as long as that is
/// at work, so whoever gets it reads the truth. Refused with storage_unavailable (not committed;
/// see `trouble`) or outcome_unknown.
Status PostgresStore::Impl::resolve(const JournalBatch& batch) {
  ++resolved_;
  db_.close();
  const auto give_up_at = steady_clock::now() + std::chrono::microseconds(options_.resolve.us);
  for (;;) {
    if (db_.is_open() || connect()) {
      auto head = lanes_.settle(db_);
      if (head && head->last_op == batch.last_op) return done();
      if (head) {
        trouble_ = Trouble::contended;
        return ErrorCode::storage_unavailable;
      }
      // The lane is somebody else's by now. Then the transaction has ended, one way or the other.
      const bool taken = db_.is_open() && db_.trouble() == Trouble::none;
      if (taken) {
        auto written = is_in_journal(batch);
        if (written && *written) return done();
        if (written) {
          trouble_ = Trouble::lost;
          return ErrorCode::storage_unavailable;
        }
      }
      db_.close();
    }
    if (steady_clock::now() >= give_up_at) break;
    std::this_thread::sleep_for(kResolvePause);
  }
  trouble_ = Trouble::lost;
  return ErrorCode::outcome_unknown;
}

void PostgresStore::Impl::abort() {
  trouble_ = Trouble::none;
  if (!std::exchange(in_transaction_, false) || !db_.is_open()) return;
  if (!db_.run("ROLLBACK")) db_.close();
}

/// What another session committed while its standby was out of reach can be seen here once that
/// session was cut or the server crashed, and is lost if the standby is promoted. A commit of our
/// own behind it waits for both (see Lanes::settle).
Status PostgresStore::Impl::confirm() {
  STARDROP_TRY(db());
  STARDROP_ASSERT(in_transaction_, "what is confirmed was read in a transaction");
  trouble_ = Trouble::none;
  lanes_.send_renew(db_);
  db_.send("COMMIT");
  STARDROP_TRY(noted(db_.receive()));
  in_transaction_ = false;
  return done();
}

Status PostgresStore::Impl::tidy(State& state) {
  std::size_t rows = 0;
  state.for_each_table([&](const auto& table) { rows += table.size(); });
  if (rows > options_.cached_rows_max) {
    state.for_each_table([](auto& table) { table.evict(table.size() / 8 + 1); });
  }
  if (steady_clock::now() < renew_at_) return done();
  STARDROP_TRY(db());
  renew_at_ = steady_clock::now() + std::chrono::microseconds(options_.lease.us / kRenewals);
  STARDROP_TRY(noted(compare_clocks(db_, options_.clock)));
  STARDROP_TRY(noted(check_schema(db_)));
  return noted(lanes_.renew(db_));
}

Result<bool> PostgresStore::Impl::take_news(State& into, std::vector<market::Event>& events) {
  STARDROP_TRY(db());
  if (!news_.has_news() || news_.must_look()) {
    NewsReader::send_look(db_);
    STARDROP_TRY_ASSIGN(const auto answers, noted(db_.receive()));
    news_.look(answers[0]);
    if (!news_.has_news()) return false;
  }
  return noted(news_.take(db_, into, events));
}

// --- the seam ----------------------------------------------------------------------------------

PostgresStore::PostgresStore(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
PostgresStore::~PostgresStore() = default;

Result<LaneHead> PostgresStore::open(State& into, const engine::TakeKeys&) {
  return impl_->open(into);
}
Status PostgresStore::load(const market::Keys& keys, State& into) {
  return impl_->load(keys, into);
}
Result<Locked> PostgresStore::lock(const market::Keys& keys, const LockNeeds& needs, State& into) {
  return impl_->lock(keys, needs, into);
}
Status PostgresStore::claim_timers(Instant now, std::int64_t most, State& into) {
  return impl_->claim_timers(now, most, into);
}
Result<std::vector<PairKey>> PostgresStore::abandoned_slices() { return impl_->abandoned_slices(); }
Status PostgresStore::commit(const engine::Changes& changes) { return impl_->commit(changes); }
void PostgresStore::abort() { impl_->abort(); }
Status PostgresStore::confirm() { return impl_->confirm(); }
Status PostgresStore::tidy(State& state, bool) { return impl_->tidy(state); }
Trouble PostgresStore::trouble() const { return impl_->trouble(); }
Result<bool> PostgresStore::take_news(State& into, std::vector<market::Event>& events) {
  return impl_->take_news(into, events);
}
bool PostgresStore::has_news() const { return impl_->has_news(); }
Status PostgresStore::load_line(GiftId first, std::size_t most, State& into) {
  static const std::string text = RowTable<market::Gift>::select_line("older");
  STARDROP_TRY_ASSIGN(Connection* const db, impl_->db());
  if (impl_->is_spread()) return done();
  STARDROP_TRY_ASSIGN(
      const Answer line,
      impl_->noted(
          db->run(text, Parameters().add(first.value()).add(static_cast<std::int64_t>(most)))));
  for (int row = 0; row < line.rows(); ++row) {
    STARDROP_TRY_ASSIGN(const market::Gift gift, RowTable<market::Gift>::read(line, row));
    into.table<market::Gift>().load(gift.key(), gift);
  }
  return done();
}
std::uint64_t PostgresStore::round_trips() const noexcept { return impl_->round_trips(); }
void PostgresStore::on_ring(std::function<void()> wake) { impl_->on_ring(std::move(wake)); }
bool PostgresStore::has_bell() const { return impl_->has_bell(); }
std::int64_t PostgresStore::writers() const { return impl_->writers(); }
std::uint64_t PostgresStore::resolved() const noexcept { return impl_->resolved(); }

Result<std::vector<engine::UsedKey>> PostgresStore::find_keys(
    std::span<const engine::UsedKey> keys) {
  STARDROP_TRY_ASSIGN(Connection* const db, impl_->db());
  send_find_keys(*db, keys);
  STARDROP_TRY_ASSIGN(const auto answers, impl_->noted(db->receive()));
  return read_keys(answers[0]);
}

Result<Instant> PostgresStore::next_timer() {
  STARDROP_TRY_ASSIGN(Connection* const db, impl_->db());
  STARDROP_TRY_ASSIGN(const Answer first,
                      impl_->noted(db->run("SELECT COALESCE(min(due), 0) FROM timers")));
  return Instant{first.integer(0, 0)};
}

Result<std::optional<JournalBatch>> PostgresStore::find_batch(OpId op) {
  STARDROP_TRY_ASSIGN(Connection* const db, impl_->db());
  return impl_->noted(postgres::find_batch(*db, op));
}

Status PostgresStore::find_batches(std::span<const OpId> ops,
                                   const std::function<void(JournalBatch&&)>& take) {
  STARDROP_TRY_ASSIGN(Connection* const db, impl_->db());
  return impl_->noted(postgres::find_batches(*db, ops, take));
}

Status PostgresStore::read_journal(OpId after,
                                   const std::function<bool(const JournalBatch&)>& take) {
  STARDROP_TRY_ASSIGN(Connection* const db, impl_->db());
  return impl_->noted(postgres::read_journal(*db, after, take));
}

Result<std::unique_ptr<engine::Snapshot>> PostgresStore::snapshot() {
  STARDROP_TRY_ASSIGN(
      std::unique_ptr<engine::Snapshot> out,
      PostgresSnapshot::take(impl_->options().url, longest_silence(impl_->options())));
  return out;
}

Status PostgresStore::load_all(State& into) {
  STARDROP_TRY_ASSIGN(const auto now, snapshot());
  engine::RowVisitor visitor;
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    visitor.on<Row>([&](const Row& row) { into.table<Row>().load(row.key(), row); });
  });
  return now->scan(visitor);
}

}  // namespace stardrop::storage::postgres
