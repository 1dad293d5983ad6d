"""The primary is lost in the middle of the drop, and its synchronous standby takes over."""

import unittest
from urllib.parse import quote

from scenario import LONG, Scenario, main

WAITING = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


class Promote(Scenario):
    """The nodes know both servers, and take whichever can be written to."""

    def make_cluster(self):
        cluster = super().make_cluster()
        self.standby = cluster.add_standby("standby")
        return cluster

    def database_url(self) -> str:
        hosts = ",".join(quote(str(each.folder), safe="/") for each in (self.cluster, self.standby))
        return f"postgresql:///postgres?host={hosts}&user=stardrop&target_session_attrs=read-write"

    @unittest.skipUnless(LONG, "only in long runs; the other one has it all")
    def test_commits_in_flight(self):
        """Whatever the standby has not got was acknowledged to nobody."""
        def faults():
            for _ in self.moments(1):
                self.cluster.stop("immediate")
                self.standby.promote()

        self.sell_out(faults)

    def test_commits_that_only_the_primary_has(self):
        """A cut session leaves a commit that others see on the primary, though the standby never gets it."""
        def faults():
            for _ in self.moments(1):
                self.standby.stop("immediate")
                for _ in range(2):
                    # The second time it is those who were asked again.
                    self.cluster.wait_for(WAITING, "t")
                    self.cluster.terminate_backends()
                self.cluster.stop("immediate")
                self.standby.start()
                self.standby.promote()

        self.sell_out(faults)


if __name__ == "__main__":
    main()
