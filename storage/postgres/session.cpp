// Time-outs, the master key, the clock.
#include "storage/postgres/session.h"

#include <algorithm>

#include "storage/refused.h"

namespace stardrop::storage::postgres {

Duration longest_silence(const Options& options) {
  return std::min(options.answer_wait, options.lease);
}

std::string session_settings(const Options& options) {
  const std::string lease_ms = std::to_string(options.lease.us / 1000);
  return "SET default_transaction_isolation = 'read committed';"
         // Citus can't plan a statement of many shards without its parameters.
         "SELECT set_config('plan_cache_mode', CASE WHEN to_regclass('pg_dist_shard') IS NULL "
         "THEN 'force_generic_plan' ELSE 'auto' END, false);"
         // All rows are named by keys. A plan made while a table was small would read all of it,
         // and is kept until the table is analyzed, long after it has grown. Without `jit`, as what
         // must be read whole looks dear then.
         "SET enable_seqscan = off;SET enable_hashjoin = off;SET enable_mergejoin = off;"
         "SET jit = off;"
         "SET lock_timeout = " +
         std::to_string(options.lock_wait.us / 1000) +
         // What waits for a standby is no statement any more, so this can't cut a commit short.
         ";SET statement_timeout = " + std::to_string(longest_silence(options).us * 4 / 5 / 1000) +
         // A process that stands still must not keep others from its rows for longer than its
         // lease.
         ";SET idle_in_transaction_session_timeout = " + lease_ms +
         // Nor must one that can't be reached any more: it is not idle while an answer is on its
         // way.
         ";SET tcp_user_timeout = " + lease_ms + ";SET client_connection_check_interval = '2s'";
}

Status agree_on_master_key(Connection& db, const std::string& digest) {
  if (digest.empty()) return done();
  db.send("INSERT INTO deployment(id, master_key_digest) VALUES(1, $1) ON CONFLICT DO NOTHING",
          Parameters().add(digest, Type::bytea));
  db.send("SELECT master_key_digest FROM deployment");
  STARDROP_TRY_ASSIGN(const auto answers, db.receive());
  if (answers[1].bytes(0, 0) == digest) return done();
  return refused("This database was made with another master key.", "other_master_key");
}

Status check_import(Connection& db) {
  STARDROP_TRY_ASSIGN(const Answer open, db.run("SELECT count(*) FROM imports WHERE finished = 0"));
  if (open.integer(0, 0) == 0) return done();
  return refused("A database is being moved here and is not complete.", "import_unfinished");
}

Status compare_clocks(Connection& db, DatabaseClock* clock) {
  if (clock == nullptr) return done();
  const Instant before = DatabaseClock::steady();
  STARDROP_TRY_ASSIGN(const Answer time,
                      db.run("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"));
  clock->compare(before, Instant{time.integer(0, 0)}, DatabaseClock::steady());
  return done();
}

}  // namespace stardrop::storage::postgres
