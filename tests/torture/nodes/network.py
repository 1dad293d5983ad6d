"""A place of its own in the network for a node, whose way to the database can be cut. Needs root."""

import os
import secrets
import shutil
import subprocess
import unittest


class Failed(Exception):
    """A program refused; the text is its own."""


def _call(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip()}")


class Namespace:
    """Two cables lead to it: one from the database, one from clients. As a context it is there, and is removed at the end.

    Skips the test where none can be made.
    """

    def __init__(self):
        self.name = f"sd{secrets.token_hex(4)}"
        # Addresses that are kept for tests of networks (RFC 2544).
        begin = f"198.18.{secrets.randbelow(256)}"
        self.database_host, self._to_database = f"{begin}.1", f"{begin}.2"
        self._to_clients, self.host = f"{begin}.5", f"{begin}.6"
        self.prefix = ("ip", "netns", "exec", self.name)

    def __enter__(self) -> "Namespace":
        if os.geteuid() != 0 or any(shutil.which(tool) is None for tool in ("ip", "iptables")):
            raise unittest.SkipTest("needs root, ip and iptables (Debian: apt-get install iproute2 iptables)")
        try:
            _call("ip", "netns", "add", self.name)
        except Failed as error:
            raise unittest.SkipTest(f"needs a system that lets root make network namespaces: {error}") from None
        try:
            self._lay("d", self.database_host, self._to_database)
            self._lay("c", self._to_clients, self.host)
            _call(*self.prefix, "ip", "link", "set", "lo", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        # Cables go with either of their ends.
        _call("ip", "netns", "delete", self.name)

    def _lay(self, cable: str, here: str, there: str) -> None:
        outer, inner = f"{self.name}{cable}", f"{self.name}{cable}i"
        _call("ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", self.name)
        _call("ip", "address", "add", f"{here}/30", "dev", outer)
        _call("ip", "link", "set", outer, "up")
        _call(*self.prefix, "ip", "address", "add", f"{there}/30", "dev", inner)
        _call(*self.prefix, "ip", "link", "set", inner, "up")

    def pull_cable(self, pulled: bool) -> None:
        """What is sent to the database, or by it, vanishes without a word."""
        _call("ip", "link", "set", f"{self.name}d", "down" if pulled else "up")

    def refuse(self, refused: bool) -> None:
        """What is sent to the database is answered at once: nobody is there. The database is told nothing."""
        _call(*self.prefix, "iptables", "-A" if refused else "-D", "OUTPUT", "-d", self.database_host, "-p", "tcp",
              "-j", "REJECT", "--reject-with", "tcp-reset")
