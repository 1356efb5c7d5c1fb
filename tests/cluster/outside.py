"""What a cluster's Bailiwick gets from outside it: PostgreSQL and Redis at the node's address; they end with it."""

from tests.cluster.node import Cluster
from tests.cluster.parts import Part
from tools.launch import postgres, redis
from tools.launch.state import DATABASE, State

POSTGRES_PORT = 5432
# PostgreSQL refuses to run as root: it is an ordinary user in a namespace of its own, as the launcher does it.
ORDINARY = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")


class Outside:
    """The launcher's PostgreSQL and Redis with their keys, for pods to reach."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.address = cluster.site.machine.network.node
        self.state = State.prepare(cluster.home / "outside")
        self.state.choose_ports({})

    @property
    def redis_url(self) -> str:
        """With its password."""
        return f"redis://:{self.state.secret('redis')}@{self.address}:{self.state.ports.redis}/0"

    def up(self) -> "Outside":
        """Start both unless they run, and make the database and its roles."""
        postgres.initialise(self.state)
        self._let_pods_in()
        redis.configure(self.state)
        # What comes later on a command line counts.
        listen = ("-c", f"listen_addresses={self.address}", "-p", str(POSTGRES_PORT))
        database = [*ORDINARY, *postgres.command(self.state), *listen]
        queue = [*redis.command(self.state), "--bind", self.address]
        self.cluster.start(Part("postgres", lambda _: database, lambda *_: postgres.ready(self.state)))
        self.cluster.start(Part("redis", lambda _: queue, lambda *_: True))
        postgres.create_roles(self.state)
        return self

    def _let_pods_in(self) -> None:
        rules = self.state.var / "postgres/pg_hba.conf"
        rule = f"host {DATABASE} all {self.cluster.site.machine.network.pods} scram-sha-256\n"
        if rule not in rules.read_text():
            rules.write_text(rules.read_text() + rule)
