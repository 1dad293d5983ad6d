"""Plants one violation after the other in a small store and expects sql_portable.py to name it."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sql_portable  # noqa: E402
from sql_texts import of_cpp, of_sql  # noqa: E402

UP = "storage/postgres/migrations/0001_initial/up.sql"
CITUS = "storage/postgres/distribution/citus.sql"
CODE = "storage/postgres/store.cpp"
CLEAN = {
    UP: """-- Tables.
CREATE TABLE accounts (
  id bigint PRIMARY KEY CHECK (id > 0),
  name text NOT NULL
);
CREATE TABLE lots (
  account bigint PRIMARY KEY CHECK (account > 0),
  "open" bytea NOT NULL
);
CREATE TABLE journal (
  lane bigint NOT NULL,
  first_op bigint NOT NULL,
  last_time bigint NOT NULL,
  PRIMARY KEY (lane, first_op)
);
CREATE UNIQUE INDEX journal_by_time ON journal (last_time DESC, lane);
CREATE TABLE keys (digest uuid PRIMARY KEY);
CREATE TABLE lanes (lane bigint PRIMARY KEY, owner text NOT NULL);
CREATE TABLE editions (id bigint PRIMARY KEY, lane bigint NOT NULL REFERENCES lanes);
""",
    CITUS: """-- Where they go.
  \\set shards 64
SELECT create_distributed_table('accounts', 'id', colocate_with => 'none', shard_count => :shards);
SELECT create_distributed_table('lots', 'account', colocate_with => 'accounts');
SELECT create_distributed_table('journal', 'lane', colocate_with => 'none');
SELECT create_distributed_table('keys', 'digest', colocate_with => 'none');
DO $$
DECLARE
  stay CONSTANT text[] := ARRAY['lanes', 'editions' -- a comment; with a semicolon
  ];
BEGIN
END
$$;
""",
    CODE: """// Statements.
const std::string kLock = "SELECT lane, owner FROM lanes ORDER BY lane FOR UPDATE";
const std::string kOne = "SELECT id FROM accounts WHERE id = $1 FOR UPDATE";
const std::string kLease = "UPDATE lanes SET lease_until = clock_timestamp()";
auto text() { return "INSERT INTO keys(digest) SELECT * FROM unnest($1::uuid[]) " "ON CONFLICT DO NOTHING"; }
""",
}


class SqlPortableTest(unittest.TestCase):
    def found(self, changes, not_yet=frozenset()):
        """The rules and paths of the violations once `changes` are made; None removes a file."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for path, text in {**CLEAN, **changes}.items():
                if text is not None:
                    (root / path).parent.mkdir(parents=True, exist_ok=True)
                    (root / path).write_text(text, encoding="utf-8")
            self.messages = sql_portable.violations(root, set(not_yet))
            return [(each.rule, each.path) for each in self.messages]

    def expect(self, rule, path, more):
        """`more` behind what is there breaks just this rule."""
        self.assertEqual(self.found({path: CLEAN[path] + more}), [(rule, path)], self.messages)

    def expect_code(self, rule, sql):
        self.expect(rule, CODE, f'db.send("{sql}");\n')

    def test_clean_store(self):
        self.assertEqual(self.found({}), [], self.messages)

    def test_the_store_itself(self):
        root = Path(__file__).resolve().parents[2]
        self.assertEqual([str(each) for each in sql_portable.violations(root)], [])

    def test_words(self):
        for rule, sql in (("advisory_lock", "SELECT pg_try_advisory_xact_lock(1)"), ("temp_table", "CREATE TEMP TABLE a(b int)"),
                          ("temp_table", "CREATE TEMPORARY TABLE a(b int)"), ("sequence", "SELECT nextval('a')"),
                          ("lock_table", "BEGIN; LOCK TABLE lanes"), ("system_column", "SELECT xmin FROM lanes"),
                          ("serializable", "BEGIN ISOLATION LEVEL SERIALIZABLE"), ("listen", "LISTEN news"),
                          ("listen", "SELECT pg_notify('a', 'b')"), ("two_phases", "PREPARE TRANSACTION 'a'"),
                          ("plan_mode", "SET plan_cache_mode = force_generic_plan"),
                          ("cursor", "DECLARE scan NO SCROLL CURSOR FOR SELECT 1 FROM lanes")):
            with self.subTest(sql):
                self.expect_code(rule, sql)

    def test_words_of_migrations(self):
        for rule, sql in (("trigger", "CREATE TRIGGER a AFTER INSERT ON lanes EXECUTE FUNCTION f()"),
                          ("rule", "CREATE OR REPLACE RULE a AS ON INSERT TO lanes DO NOTHING"),
                          ("exclusion", "ALTER TABLE lanes ADD EXCLUDE USING gist (lane WITH =)"),
                          ("sequence", "ALTER TABLE lanes ADD number bigserial"),
                          ("sequence", "ALTER TABLE lanes ALTER lane ADD GENERATED ALWAYS AS IDENTITY"),
                          ("deferrable", "ALTER TABLE lanes ADD UNIQUE (owner) DEFERRABLE"),
                          ("set_storage", "ALTER TABLE lanes ALTER owner SET STORAGE EXTERNAL")):
            with self.subTest(sql):
                self.expect(rule, UP, sql.replace("bigserial", "BIGSERIAL") + ";\n")

    def test_migrations_may_lock_their_table(self):
        path = "storage/postgres/migrations.cpp"
        self.assertEqual(self.found({path: '// Migrations.\ndb.script("BEGIN; LOCK TABLE lanes");\n'}), [], self.messages)

    def test_words_in_comments_and_prose(self):
        more = '// LOCK TABLE lanes\nrefuse("Listen to the serializable trigger");\n/* "SELECT xmin FROM lanes" */\n'
        self.assertEqual(self.found({CODE: CLEAN[CODE] + more}), [], self.messages)

    def test_row_locks(self):
        for sql in ("SELECT id FROM accounts ORDER BY id FOR UPDATE", "SELECT id FROM accounts WHERE id = ANY($1) FOR SHARE",
                    " FOR UPDATE OF t"):
            with self.subTest(sql):
                self.expect_code("row_locks", sql)

    def test_a_lock_in_one_shard(self):
        fine = 'auto a = select() + " /* one shard */ FOR UPDATE OF t";\n'
        self.assertEqual(self.found({CODE: CLEAN[CODE] + fine}), [], self.messages)

    def test_what_only_one_server_is_sent(self):
        fine = 'auto a = "INSERT /* one server */ INTO keys(digest) SELECT * FROM unnest($1::uuid[])";\n'
        self.assertEqual(self.found({CODE: CLEAN[CODE] + fine}), [], self.messages)
        self.expect_code("listen", "/* one server */ LISTEN news")

    def test_what_asks_first(self):
        fine = ("db.send(\"SELECT set_config('plan_cache_mode', CASE WHEN to_regclass('pg_dist_shard') IS NULL \"\n"
                "        \"THEN 'force_generic_plan' ELSE 'auto' END, false)\");\n")
        self.assertEqual(self.found({CODE: CLEAN[CODE] + fine}), [], self.messages)
        block = ("DO $$ BEGIN ALTER TABLE lanes ALTER owner SET STORAGE EXTERNAL; "
                 "EXCEPTION WHEN feature_not_supported THEN NULL; END $$;\n")
        self.assertEqual(self.found({UP: CLEAN[UP] + block}), [], self.messages)

    def test_the_bell_may_ring(self):
        path = "storage/postgres/bell.cpp"
        self.assertEqual(self.found({path: '// A bell.\ndb.script("LISTEN news");\n'}), [], self.messages)

    def test_joins_with_the_coordinator(self):
        self.expect_code("mixed_join", "SELECT 1 FROM accounts a JOIN lanes l ON l.lane = a.id")

    def test_volatile_functions(self):
        self.expect_code("volatile", "UPDATE accounts SET name = clock_timestamp()::text WHERE id = $1")

    def test_inserts_by_sets(self):
        self.expect_code("insert_by_sets", "INSERT INTO keys(digest) SELECT * FROM unnest($1::uuid[])")
        self.expect("insert_by_sets", CODE, 'auto a = "INSERT INTO " + name() + " SELECT " + casts() + " FROM " + unnest();\n')

    def test_the_row_of_every_batch(self):
        self.expect_code("one_phase", "INSERT INTO journal(lane) VALUES($1)")
        self.expect_code("one_phase", "INSERT INTO journal(lane) SELECT $1 ON CONFLICT DO NOTHING")
        fine = 'db.send("INSERT INTO journal(lane) SELECT $1");\n'
        self.assertEqual(self.found({CODE: CLEAN[CODE] + fine}), [], self.messages)

    def test_unique_keys(self):
        self.expect("unique_key", UP, "CREATE UNIQUE INDEX ON accounts (name);\n")
        self.expect("unique_key", UP, "CREATE UNIQUE INDEX other ON journal USING btree (last_time);\n")
        self.assertEqual(self.found({UP: CLEAN[UP] + "CREATE UNIQUE INDEX ON lanes (owner);\n"}), [], self.messages)

    def test_foreign_keys(self):
        self.expect("foreign_key", UP, "ALTER TABLE lots ADD FOREIGN KEY (account) REFERENCES lanes (lane);\n")
        self.expect("foreign_key", UP, "ALTER TABLE lots ADD FOREIGN KEY (other) REFERENCES accounts (id);\n")
        fine = "ALTER TABLE lots ADD FOREIGN KEY (account) REFERENCES accounts (id);\n"
        self.assertEqual(self.found({UP: CLEAN[UP] + fine}), [], self.messages)

    def test_each_table_once(self):
        self.assertEqual(self.found({UP: CLEAN[UP] + "CREATE TABLE forgotten (id bigint PRIMARY KEY);\n"}), [("placed", CITUS)])
        twice = CLEAN[CITUS].replace("ARRAY['lanes',", "ARRAY['lanes', 'lanes',")
        self.assertEqual(self.found({CITUS: twice}), [("placed", CITUS)])
        self.assertIn("2 times", str(self.messages[0]))
        unknown = CLEAN[CITUS] + "SELECT create_distributed_table('nowhere', 'id', colocate_with => 'none');\n"
        self.assertEqual(self.found({CITUS: unknown}), [("placed", CITUS)])
        self.assertEqual(self.found({CITUS: None})[0], ("placed", CITUS))

    def test_groups(self):
        late = CLEAN[CITUS].replace("'none', shard_count => :shards", "'lots'").replace("with => 'accounts'", "with => 'journal'")
        self.assertIn(("placed", CITUS), self.found({CITUS: late}))
        types = CLEAN[CITUS].replace("'keys', 'digest', colocate_with => 'none'", "'keys', 'digest', colocate_with => 'journal'")
        self.assertEqual(self.found({CITUS: types}), [("placed", CITUS)])
        column = CLEAN[CITUS].replace("'lots', 'account'", "'lots', 'owner'")
        self.assertIn(("placed", CITUS), self.found({CITUS: column}))

    def test_known_violations_must_be_there(self):
        broken = {CODE: CLEAN[CODE] + 'db.send("LISTEN news");\n'}
        self.assertEqual(self.found(broken, {(CODE, "listen")}), [], self.messages)
        self.assertEqual(self.found({}, {(CODE, "listen")}), [("listen", CODE)])

    def test_texts_of_cpp(self):
        source = ('// "no"\n#include "no.h"\nauto a = "SELECT " + names("t.") +\n  " FROM journal" " WHERE x";\n'
                  'auto b = R"(SELECT 2)";\nauto c = "nothing";\nchar d = \'"\';\nauto e = "SELECT \\"from\\"";\n')
        self.assertEqual([(text.line, text.sql) for text in of_cpp("a", source)],
                         [(3, "SELECT ? t. ? FROM journal WHERE x"), (5, "SELECT 2"), (8, 'SELECT "from"')])

    def test_texts_of_sql(self):
        source = "-- one; two\nSELECT 1; \\set a 'b'\n\\set c 1\nSELECT ';' /* ; */;\nDO $x$ BEGIN; END $x$;\nSELECT 2"
        self.assertEqual([text.sql for text in of_sql("a", source)][0], "SELECT 1")
        self.assertEqual([(text.line, text.sql) for text in of_sql("a", source)][-2:],
                         [(5, "DO $x$ BEGIN; END $x$"), (6, "SELECT 2")])


if __name__ == "__main__":
    unittest.main()
