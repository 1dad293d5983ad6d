-- Spreads the tables of a database over the workers of a Citus cluster. Run once, by psql, on the
-- coordinator, behind the migrations and while no node is at work:
--
--   psql -X -v ON_ERROR_STOP=1 -v account_shards=32 -v object_shards=64 -f citus.sql "$URL"
--
-- Each table stands here exactly once; tests/lint/sql_portable.py sees to that. Why each one is where
-- it is, and what its statements cost there: docs/scaling.md.

-- Few: the rows of a batch are locked a shard at a time.
\if :{?account_shards}
\else
  \set account_shards 32
\endif
-- Many: most of the bytes are here.
\if :{?object_shards}
\else
  \set object_shards 64
\endif
-- Few: a batch's keys go through one connection a shard.
\if :{?key_shards}
\else
  \set key_shards 32
\endif
-- There are 128 lanes, and seldom more than a few.
\if :{?other_shards}
\else
  \set other_shards 32
\endif

BEGIN;

-- By account: what one account has. A purchase locks buyer and owner, and finds the buyer's tally
-- beside the buyer. Tallies go by account, not by edition: a hot drop inserts one for each buyer, and
-- by edition all of them would meet in one shard.
SELECT create_distributed_table('accounts', 'id', colocate_with => 'none', shard_count => :account_shards);
SELECT create_distributed_table('personal_keys', 'account', colocate_with => 'accounts');
SELECT create_distributed_table('profiles', 'account', colocate_with => 'accounts');
SELECT create_distributed_table('lots', 'account', colocate_with => 'accounts');
SELECT create_distributed_table('tallies', 'account', colocate_with => 'accounts');
SELECT create_distributed_table('open_reservations', 'account', colocate_with => 'accounts');
SELECT create_distributed_table('waitlist_members', 'account', colocate_with => 'accounts');

-- By their own id: what is found by nothing else, and may change hands. The owner of a gift may not
-- be its distribution column, because Citus never moves a row to another shard.
SELECT create_distributed_table('gifts', 'id', colocate_with => 'none', shard_count => :object_shards);
SELECT create_distributed_table('gift_texts', 'gift', colocate_with => 'gifts');
SELECT create_distributed_table('transfers', 'id', colocate_with => 'gifts');
SELECT create_distributed_table('fundings', 'transfer', colocate_with => 'gifts');
SELECT create_distributed_table('top_ups', 'id', colocate_with => 'gifts');
SELECT create_distributed_table('holds', 'id', colocate_with => 'gifts');
SELECT create_distributed_table('reservations', 'id', colocate_with => 'gifts');

-- By edition: what is walked through edition by edition, from the lowest on.
SELECT create_distributed_table('free_serials', 'edition', colocate_with => 'none', shard_count => :other_shards);
SELECT create_distributed_table('waitlist_places', 'edition', colocate_with => 'free_serials');

-- By digest: what must be there only once, and is found by nothing else.
SELECT create_distributed_table('payments', 'digest_high', colocate_with => 'none', shard_count => :key_shards);
SELECT create_distributed_table('used_keys', 'digest', colocate_with => 'none', shard_count => :key_shards);

-- By lane: a batch adds one row, to one shard.
SELECT create_distributed_table('journal', 'lane', colocate_with => 'none', shard_count => :other_shards);

-- What follows stays on the coordinator, whose own commit decides every distributed one: its rows
-- are seen changed, and their locks let go, before those of any worker. So no node sees an effect there
-- before its cause, and what every batch locks is locked for the shortest time. None is a reference
-- table: nothing joins them, and each write to one would be a two-phase commit with all workers.
--
-- A table that is neither above nor here stops the script, so that none is forgotten.
DO $$
DECLARE
  stay CONSTANT text[] := ARRAY[
    'schema_migrations',  -- of the database as a whole
    'deployment',
    'imports',            -- of a database that is moved here, until it has come
    'import_places',
    'rule_settings',      -- read by every batch, changed by one that runs alone
    'access_keys',        -- in every node's memory
    'lanes',              -- the latest time and the leases: one moment, one clock
    'account_shares',     -- three rows a lane, changed by every batch
    'editions',           -- a hot one is what all nodes wait for
    'edition_slugs',      -- unique together with their edition
    'timers'              -- claimed by time, of all accounts, whatever is not locked
  ];
  forgotten text;
BEGIN
  SELECT string_agg(c.relname, ', ' ORDER BY c.relname) INTO forgotten
  FROM pg_class c
  WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    AND c.relname <> ALL (stay)
    AND NOT EXISTS (SELECT 1 FROM pg_dist_partition p WHERE p.logicalrelid = c.oid);
  IF forgotten IS NOT NULL THEN
    RAISE EXCEPTION 'citus.sql does not say where these tables go: %', forgotten;
  END IF;
END
$$;

COMMIT;
