"""The clusters that tests start: what they keep, what they cut, what a standby has."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from postgres import SCRIPT, Cluster, Failed, programs  # noqa: E402

SKIPPED = 77


class OfACluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        programs()
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.cluster = cls.enterClassContext(Cluster(Path(cls.folder) / "cluster", work_mem="5MB"))

    def test_settings(self):
        self.assertEqual(self.cluster.psql("SHOW data_checksums; SHOW fsync; SHOW work_mem; SHOW listen_addresses"),
                         "on\noff\n5MB")
        self.assertEqual(self.cluster.psql("SELECT current_user, datcollate, pg_encoding_to_char(encoding)"
                                           " FROM pg_database WHERE datname = 'postgres'"), "stardrop|C|UTF8")

    def test_a_refused_statement_is_an_error(self):
        with self.assertRaisesRegex(Failed, "no_such_table"):
            self.cluster.psql("SELECT 1; SELECT * FROM no_such_table")

    def test_a_committed_row_survives(self):
        self.cluster.psql("CREATE TABLE kept (n int)")
        self.cluster.psql("INSERT INTO kept VALUES (1)")
        self.cluster.stop("immediate")
        self.assertFalse(self.cluster.is_running())
        self.cluster.start()
        self.assertTrue(self.cluster.is_running())
        self.assertEqual(self.cluster.psql("SELECT n FROM kept"), "1")
        # A killed server leaves its files and, for a moment, its children behind.
        os.kill(int(self.cluster.psql("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")), signal.SIGKILL)
        self.cluster.start()
        self.assertEqual(self.cluster.psql("SELECT n FROM kept"), "1")

    def test_a_frozen_server_goes_on_later(self):
        session = subprocess.Popen(Cluster.psql_command(self.cluster.url()), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        session.stdin.write("SELECT pg_backend_pid();\n")
        session.stdin.flush()
        state = Path(f"/proc/{int(session.stdout.readline())}/stat")
        with self.cluster.frozen():
            while state.read_text().rpartition(")")[2].split()[0] != "T":
                pass  # it is told, and stops a moment later
        self.assertEqual(session.communicate("SELECT 2;\n", 30)[0], "2\n")

    def test_only_the_sessions_of_a_name_are_cut(self):
        sessions = {}
        for name in ("victim", "witness"):
            sessions[name] = subprocess.Popen(Cluster.psql_command(self.cluster.url(application_name=name)), text=True,
                                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            sessions[name].stdin.write("SELECT 'here';\n")
            sessions[name].stdin.flush()
            self.assertEqual(sessions[name].stdout.readline(), "here\n")
        self.assertEqual(self.cluster.terminate_backends("victim"), 1)
        _, error = sessions["victim"].communicate("SELECT 2;\n", 30)
        self.assertIn("terminating connection", error)
        self.assertNotEqual(sessions["victim"].returncode, 0)
        self.assertEqual(sessions["witness"].communicate("SELECT 2;\n", 30), ("2\n", ""))
        self.assertEqual(sessions["witness"].returncode, 0)

    def test_a_promoted_standby_has_every_acknowledged_row(self):
        standby = self.cluster.add_standby("second")
        self.cluster.psql("CREATE TABLE written (n int)")
        statements = Path(self.folder) / "statements.sql"
        # More than are written before the crash.
        statements.write_text("".join(f"INSERT INTO written VALUES ({n}) RETURNING n;\n" for n in range(100_000)))
        writer = subprocess.Popen([*Cluster.psql_command(self.cluster.url()), "-f", statements], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        acknowledged = [int(writer.stdout.readline()) for _ in range(100)]
        self.cluster.stop("immediate")
        # Not communicate(): it does not see what was read ahead with the lines before.
        with writer:
            acknowledged += map(int, writer.stdout.read().split())
        self.assertLess(len(acknowledged), 100_000)
        standby.promote()
        written = [int(line) for line in standby.psql("SELECT n FROM written ORDER BY n").split()]
        self.assertEqual(written[:len(acknowledged)], acknowledged)
        # The new primary waits for nobody, nor does the old one once it is told so.
        standby.psql("INSERT INTO written VALUES (-1)")
        self.assertEqual(standby.psql("SELECT pg_is_in_recovery(), min(n) FROM written"), "f|-1")
        self.cluster.start()
        self.cluster.drop_standbys()
        self.cluster.psql("INSERT INTO written VALUES (-1)")


class Run(unittest.TestCase):
    def test_the_cluster_is_gone_and_the_exit_code_stays(self):
        programs()
        script = 'echo "$TEST_POSTGRES_URL"; ls "$TMPDIR"; "$0" -X -c "SELECT 1" "$TEST_POSTGRES_URL"; exit 7'
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([SCRIPT, "run", "--", "bash", "-c", script, programs() / "psql"], capture_output=True,
                                  text=True, check=False, timeout=120, env={**os.environ, "TMPDIR": folder})
            self.assertEqual(done.returncode, 7, done.stderr)
            self.assertIn("(1 row)", done.stdout)
            self.assertIn("\nstardrop-pg.", done.stdout)
            self.assertEqual(os.listdir(folder), [])
            self.assertFalse(os.path.exists(done.stdout.partition("host=")[2].partition("&")[0]))


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    if result.skipped and result.wasSuccessful():
        sys.exit(SKIPPED)
    sys.exit(not result.wasSuccessful())
