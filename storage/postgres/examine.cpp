// Settings and standbys of a server.
#include "storage/postgres/examine.h"

#include "base/time.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/session.h"

namespace stardrop::storage::postgres {

Result<ServerFacts> examine(const std::string& url) {
  STARDROP_TRY_ASSIGN(Connection db, Connection::open(url, "stardrop doctor"));
  STARDROP_TRY_ASSIGN(const Answer said,
                      db.run("SELECT current_setting('server_version'), "
                             "current_setting('server_version_num')::bigint, "
                             "(current_setting('data_checksums') = 'on')::int, "
                             "(current_setting('fsync') = 'on')::int, "
                             "(current_setting('full_page_writes') = 'on')::int, "
                             "current_setting('synchronous_commit'), pg_is_in_recovery()::int"));
  STARDROP_TRY_ASSIGN(const Answer standbys,
                      db.run("SELECT count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')), "
                             "count(*) FILTER (WHERE sync_state NOT IN ('sync', 'quorum')) "
                             "FROM pg_stat_replication WHERE state = 'streaming'"));
  ServerFacts out;
  out.version = said.bytes(0, 0);
  out.version_number = said.integer(0, 1);
  out.data_checksums = said.integer(0, 2) != 0;
  out.fsync = said.integer(0, 3) != 0;
  out.full_page_writes = said.integer(0, 4) != 0;
  out.synchronous_commit = said.bytes(0, 5);
  out.is_standby = said.integer(0, 6) != 0;
  out.synchronous_standbys = standbys.integer(0, 0);
  out.asynchronous_standbys = standbys.integer(0, 1);
  const SystemClock machine;
  DatabaseClock clock(machine);
  STARDROP_TRY(compare_clocks(db, &clock));
  out.clock_ahead_us = clock.ahead().us;
  return out;
}

}  // namespace stardrop::storage::postgres
