"""PostgreSQL clusters for tests that cut sessions, crash servers and promote standbys.

scripts/dev_postgres makes and removes them; it also knows which programs to take and whom to run them as.
"""

import contextlib
import functools
import os
import signal
import subprocess
import time
import unittest
from pathlib import Path
from urllib.parse import quote, urlencode

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "dev_postgres"
PATIENCE_SECONDS = 30
STOPPED = 3


class Failed(Exception):
    """A program of PostgreSQL refused; the text is its own."""


def _call(*command, refused=(), **options) -> subprocess.CompletedProcess:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=120, **options)
    if done.returncode != 0 and done.returncode not in refused:
        raise Failed(f"{Path(command[0]).name}: {done.stderr.strip()[-2000:]}")
    return done


@functools.cache
def programs() -> Path:
    """The folder of PostgreSQL's programs; skips the test where there are none."""
    try:
        return Path(_call(SCRIPT, "programs").stdout.strip())
    except Failed as error:
        raise unittest.SkipTest(str(error)) from None


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Cluster:
    """A cluster in a folder of its own, which is made; as a context it runs, and is removed at the end.

    The folder is removed even if the test is killed. Settings are PostgreSQL's: Cluster(folder, max_connections=20).
    Unless `durable`, nothing is synced: data survive a killed server, though not a crash of the machine.
    """

    def __init__(self, folder: Path, durable: bool = False, **settings):
        programs()
        self.folder = Path(folder)
        self.standbys: list[Cluster] = []
        self._durable = durable
        self._settings = settings
        self._arguments = [] if durable else ["--fast"]
        for name, value in settings.items():
            self._arguments += ["--option", f"{name}={value}"]
        self._url = ""
        self._synchronous: list[str] = []
        # Away from this process, so that whoever kills a test with all its children leaves the guard alone.
        self._guard = subprocess.Popen(["setsid", "--fork", SCRIPT, "guard", "--folder", self.folder],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> "Cluster":
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.remove()

    def start(self) -> None:
        """Makes the cluster the first time; recovers one that crashed."""
        self._url = _call(SCRIPT, "start", "--folder", self.folder, *self._arguments).stdout.strip()

    def stop(self, mode: str = "fast") -> None:
        """`fast` shuts it down, `immediate` is what a crash does."""
        assert mode in ("fast", "immediate"), mode
        _call(SCRIPT, "stop", "--folder", self.folder, *(["--immediate"] if mode == "immediate" else []))

    def restart(self, mode: str = "fast") -> None:
        self.stop(mode)
        self.start()

    def remove(self) -> None:
        """Stops it and its standbys and removes their folders."""
        while self.standbys:
            self.standbys.pop().remove()
        if not self._guard.stdin.closed:
            self._guard.stdin.close()
            self._guard.stdout.read()  # the guard closes it when it is done
            self._guard.stdout.close()
            self._guard.wait()

    def is_running(self) -> bool:
        return _call(SCRIPT, "status", "--folder", self.folder, refused=[STOPPED]).returncode == 0

    def url(self, database: str = "postgres", **libpq_options) -> str:
        """For libpq, of a database of the cluster: url(application_name="writer")."""
        options = self._url.partition("?")[2]
        if libpq_options:
            options += "&" + urlencode(libpq_options, quote_via=quote)
        return f"postgresql:///{quote(database, safe='')}?{options}"

    def psql(self, sql: str, database: str = "postgres") -> str:
        """What the statements print: a row a line, its fields divided by `|`. Raises Failed at the first error."""
        return _call(*self.psql_command(self.url(database)), input=sql).stdout.strip()

    @staticmethod
    def psql_command(url: str) -> list:
        """To run beside the test, for sessions that live longer than a call."""
        return [programs() / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url]

    def wait_for(self, sql: str, expected: str) -> None:
        """Until the answer is as expected; fails after a while."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (answer := self.psql(sql)) != expected:
            if time.monotonic() > deadline:
                raise Failed(f"{sql}: {answer!r} instead of {expected!r}")
            time.sleep(0.05)

    def terminate_backends(self, application_name: str | None = None) -> int:
        """Cuts the sessions of clients, all or those of one name, and waits for their end; returns how many."""
        chosen = "" if application_name is None else f" AND application_name = {_literal(application_name)}"
        return int(self.psql(
            f"SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, {PATIENCE_SECONDS * 1000})) FROM pg_stat_activity"
            f" WHERE backend_type = 'client backend' AND pid <> pg_backend_pid(){chosen}"))

    @contextlib.contextmanager
    def frozen(self):
        """Meanwhile the server takes connections and packets, and answers nobody."""
        server = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGSTOP)
        # From now on it starts no others.
        frozen = [server]
        try:
            for process in map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGSTOP)
                    frozen.append(process)
            yield
        finally:
            for process in reversed(frozen):
                os.kill(process, signal.SIGCONT)

    def add_standby(self, name: str, synchronous: bool = True) -> "Cluster":
        """A running standby, removed with its primary. A commit waits for all that are synchronous."""
        standby = Cluster(self.folder.with_name(f"{self.folder.name}-{name}"), self._durable, **self._settings)
        self.standbys.append(standby)
        standby._arguments += ["--standby-of", self.url(), "--name", name]
        standby.start()
        if synchronous:
            self._synchronous.append(name)
            names = ", ".join(map(_identifier, self._synchronous))
            self.psql(f"ALTER SYSTEM SET synchronous_standby_names = {_literal(f'FIRST {len(self._synchronous)} ({names})')}")
            self.psql("SELECT pg_reload_conf()")
        state = "sync" if synchronous else "async"
        self.wait_for("SELECT state, sync_state FROM pg_stat_replication"
                      f" WHERE application_name = {_literal(name)}", f"streaming|{state}")
        return standby

    def drop_standbys(self) -> None:
        """Removes them; the primary, which must run, waits for them no more and keeps nothing for them."""
        self._synchronous.clear()
        self._wait_for_nobody()
        while self.standbys:
            self.standbys.pop().remove()
        self.wait_for("SELECT count(*) FROM pg_replication_slots WHERE active", "0")
        self.psql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")

    def _wait_for_nobody(self) -> None:
        self.psql("ALTER SYSTEM RESET synchronous_standby_names")
        self.psql("SELECT pg_reload_conf()")

    def promote(self) -> None:
        """Makes a primary of a standby."""
        # A copy of a primary that waits for standbys would wait for them as well.
        self._wait_for_nobody()
        if self.psql(f"SELECT pg_promote(true, {PATIENCE_SECONDS})") != "t":
            raise Failed("the standby could not be promoted")
