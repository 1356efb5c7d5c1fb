"""KubernetesBackend: sandboxes are pods that a Deployment keeps warm; whoever claims one has it to the end."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sandbox_operator.agent.frames import ChannelError
from sandbox_operator.errors import (
    BackendUnavailable,
    ContainmentFailed,
    Fate,
    Fenced,
    OperatorError,
    PoolFull,
    SandboxLost,
    SessionBusy,
)
from sandbox_operator.kubernetes import claims, names, probing
from sandbox_operator.kubernetes.cluster import Cluster, Conflict
from sandbox_operator.kubernetes.filling import fill
from sandbox_operator.kubernetes.holder import PodHolder
from sandbox_operator.kubernetes.keeping import Held, Keeper
from sandbox_operator.kubernetes.records import PodRecord
from sandbox_operator.kubernetes.relay import Relay, RelayFailed, Relays
from sandbox_operator.kubernetes.spares import Spares
from sandbox_operator.kubernetes.usage import Meter
from sandbox_operator.outer_channel import OuterChannel
from sandbox_operator.protocol import BackendHealth, Claim, Ending, ProbeReport, SandboxStatus, Session, Usage
from sandbox_operator.session import ChannelSession
from sandbox_operator.spec import ALWAYS_ENFORCED, BY_CGROUPS, Handle, SandboxSpec

# Claimers queue in the platform, where they see their position, not here.
PATIENCE_SECONDS = 1.0
LOOK_SECONDS = 0.1
END_SECONDS = 60.0
ENFORCED = (*BY_CGROUPS, *ALWAYS_ENFORCED)

log = logging.getLogger("bailiwick.sandboxes")


class _Broken(Exception):
    """A pod that was lost before any code of a user was in it."""


class KubernetesBackend:
    """Thread-safe. Needs, in its namespace, pods get, list, patch, delete; pods/exec get, create; resourcequotas list.

    In the cluster it needs nodes/proxy get.
    """

    def __init__(self, namespace: str, kubeconfig: Path | None = None) -> None:
        self._cluster = Cluster(namespace, kubeconfig)
        self._meter = Meter(self._cluster)
        self._keeper = Keeper(self._cluster, self._meter)
        self._relays = Relays()
        self._spares = Spares(self._relays, self._cluster.exec_request)
        # What was claimed last is what will be claimed next: environment and image.
        self._wanted: tuple[str, str] | None = None

    def claim(self, spec: SandboxSpec, *, timeout: float) -> Claim:
        until = time.monotonic() + timeout
        while True:
            pod = self._take(spec, min(until, time.monotonic() + PATIENCE_SECONDS))
            try:
                return self._grant(pod, spec)
            except _Broken as error:
                log.warning("a sandbox is claimed anew: %s", error)
                self._drop(pod)
                if time.monotonic() > until:
                    raise BackendUnavailable(f"no sandbox became ready within {timeout} s: {error}") from error
            except BaseException:
                self._drop(pod)
                raise

    def open(self, handle: Handle, *, epoch: int) -> Session:
        held = self._keeper.find(handle) or self._found(handle)
        with held.lock:
            if held.fate is not Fate.ALIVE:
                raise SandboxLost(held.fate)
            if epoch < held.epoch:
                raise Fenced(f"epoch {epoch} is older than {held.epoch}")
            if held.busy:
                raise SessionBusy("another session is in the middle of something")
            before = held.session
            self._enter(held, epoch)
        try:
            return self._session(held, epoch)
        except (SessionBusy, Fenced):
            self._give_back(held, before)
            raise

    def destroy(self, handle: Handle) -> Ending:
        known = self.fate(handle)
        if held := self._keeper.find(handle):
            self._keeper.end(held, Fate.DESTROYED)
        uid = handle.incarnation.partition(".")[0]
        existed = self._cluster.delete(handle.sandbox, uid)
        if existed:
            self._await_end(handle.sandbox, uid)
            self._keeper.remember(handle, Fate.DESTROYED if known is Fate.ALIVE else known)
        fate = self._keeper.fate(handle)
        return Ending(existed and known is Fate.ALIVE, fate)

    def fate(self, handle: Handle) -> Fate:
        known = self._keeper.fate(handle)
        if known is not None:
            return known
        pod = self._cluster.pod(handle.sandbox)
        fate = Fate.UNKNOWN if pod is None else pod.fate_of(handle, time.time())
        if fate is not Fate.ALIVE and (held := self._keeper.find(handle)):
            with held.lock:  # it may be the keeper that ends it now, and says why in a moment
                pass
        return self._keeper.fate(handle) or fate

    def usage(self, handle: Handle) -> Usage:
        held = self._keeper.find(handle) or self._found(handle, keep=False)
        self._keeper.measure(held)
        return held.usage()

    def sandboxes(self) -> list[SandboxStatus]:
        """Those alone that may be used or be made ready for use: a pod that has ended is nobody's sandbox any more."""
        pods = self._cluster.pods(names.ENVIRONMENT)
        self._spare_one(pods)
        return [
            SandboxStatus(pod.handle, pod.run_id, _state(pod), pod.claimed_at, pod.expires_at)
            for pod in pods
            if pod.live
        ]

    def health(self) -> BackendHealth:
        try:
            pods = self._cluster.pods(names.ENVIRONMENT)
            most, version = self._cluster.most(), self._cluster.version()
        except BackendUnavailable as error:
            return BackendHealth(False, 0, 0, 0, 0, (), (), {}, str(error))
        states = [_state(pod) for pod in pods if not pod.deleting]
        return BackendHealth(
            ok=bool(states),
            warm=states.count("warm"),
            starting=states.count("starting"),
            claimed=states.count("claimed"),
            max=max(most, len(states)),
            enforced=ENFORCED,
            not_enforced=(),
            versions={"kubernetes": version},
            detail="" if states else f"there is no sandbox pod in {self._cluster.namespace}: is the operator running?",
        )

    def _take(self, spec: SandboxSpec, until: float) -> PodRecord:
        """One pod that is now this run's, by the patch that nobody else can have made. Raises PoolFull."""
        while True:
            pods = self._cluster.pods(claims.selector(spec.environment))
            for pod in self._nearest_first(claims.fitting(pods, spec)):
                with suppress(Conflict):
                    return self._cluster.patch(pod.name, claims.make_claim(pod, spec, time.time()))
            if time.monotonic() > until:
                raise PoolFull(f"no sandbox of {spec.environment!r} is warm")
            time.sleep(LOOK_SECONDS)

    def _grant(self, pod: PodRecord, spec: SandboxSpec) -> Claim:
        """Probe it, and hand its packages in. Raises _Broken when it is lost, ContainmentFailed when it leaks."""
        self._wanted = (spec.environment, spec.image_digest)
        try:
            relay = self._spares.take(pod) or self._relays.open(self._cluster.exec_request(pod.name))
        except RelayFailed as error:
            raise _Broken(str(error)) from error
        try:
            report = self._prepare(relay, pod, spec)
        except BaseException as error:
            relay.close()
            if isinstance(error, (ChannelError, TimeoutError, OSError, Fenced, SessionBusy)):
                raise _Broken(f"{pod.name}: {error!r}") from error
            raise
        held = _hold(pod, relay)
        self._keeper.add(held)
        # Its figures so far are not the run's; they need not be there before its first execution.
        threading.Thread(target=self._note_baseline, args=(held,), daemon=True).start()
        larger = pod.room.exceeding(spec.limits)
        return Claim(
            handle=pod.handle,
            image_digest=spec.image_digest,
            warm=True,
            probe=report,
            gvisor_version=f"RuntimeClass {pod.runtime_class}",
            enforced=tuple(name for name in ENFORCED if name not in larger),
            not_enforced=larger,
        )

    def _prepare(self, relay: Relay, pod: PodRecord, spec: SandboxSpec) -> ProbeReport:
        limits = spec.limits
        channel = OuterChannel(relay.end())
        try:
            channel.greet({"memory_bytes": limits.memory_bytes, "processes": limits.processes, "epoch": 0})
            report = probing.probe(channel, pod, self._cluster.address, self._cluster.port)
            if not report.contained:
                raise ContainmentFailed(report)
            if spec.packages is not None:
                fill(channel, spec.packages)
            return report
        finally:
            channel.close()

    def _found(self, handle: Handle, *, keep: bool = True) -> Held:
        """A sandbox that another process claimed. Raises SandboxLost."""
        fate, pod = self._keeper.fate(handle), None
        if fate is None:
            pod = self._cluster.pod(handle.sandbox)
            fate = Fate.UNKNOWN if pod is None else pod.fate_of(handle, time.time())
        if pod is None or fate is not Fate.ALIVE:
            raise SandboxLost(fate)
        held = _hold(pod, None)
        if keep:
            self._keeper.add(held)
        return held

    def _enter(self, held: Held, epoch: int) -> None:
        """Make the sandbox this session's own: the API server is the fence. Called with its lock held.

        What was known of the pod is tried first: the patch fails where the pod is not that one any more.
        """
        session, pod = secrets.token_hex(16), held.pod
        for _ in range(3):
            pod = pod or self._cluster.pod(held.handle.sandbox)
            fate = Fate.UNKNOWN if pod is None else pod.fate_of(held.handle, time.time())
            if pod is None or fate is not Fate.ALIVE:
                self._keeper.end(held, fate)
                raise SandboxLost(fate)
            if epoch < pod.epoch:
                raise Fenced(f"epoch {epoch} is older than {pod.epoch}")
            try:
                held.pod = self._cluster.patch(pod.name, claims.make_opening(pod, epoch, session))
            except Conflict:
                pod = held.pod = None
                continue
            held.session, held.epoch = session, epoch
            return
        raise SessionBusy("several sessions are being opened at once")

    def _session(self, held: Held, epoch: int) -> Session:
        holder = PodHolder(self._cluster, self._keeper, held, held.session)
        try:
            end = self._channel(held).end()
        except RelayFailed as error:
            raise SandboxLost(holder.lost(f"the channel ended: {error}"), str(error)) from error
        return ChannelSession.start(end, holder, held.limits, epoch=epoch)

    def _channel(self, held: Held) -> Relay:
        with held.lock:
            if held.relay is None or not held.relay.alive:
                held.relay = self._relays.open(self._cluster.exec_request(held.handle.sandbox))
            return held.relay

    def _give_back(self, held: Held, session: str) -> None:
        """The agent kept to a session of another process: let its holder find what it left there."""
        with suppress(OperatorError, Conflict):
            pod = self._cluster.pod(held.handle.sandbox)
            if pod is not None and pod.session == held.session:
                self._cluster.patch(pod.name, claims.make_opening(pod, pod.epoch, session))
        self._keeper.forget(held)

    def _note_baseline(self, held: Held) -> None:
        with suppress(BackendUnavailable):
            self._keeper.measure(held)

    def _nearest_first(self, pods: Sequence[PodRecord]) -> list[PodRecord]:
        """Of the smallest that fit, the one to which a channel is open."""
        return sorted(pods, key=lambda pod: pod.room == pods[0].room and self._spares.leads_to(pod), reverse=True)

    def _spare_one(self, pods: Sequence[PodRecord]) -> None:
        """Whoever has claimed is likely to claim again."""
        if self._wanted is None:
            return
        environment, digest = self._wanted
        self._spares.keep(
            [
                pod
                for pod in pods
                if claims.is_free(pod)
                and (pod.labels.get(names.ENVIRONMENT), pod.annotations.get(names.IMAGE_DIGEST))
                == (environment, digest)
            ]
        )

    def _drop(self, pod: PodRecord) -> None:
        try:
            self._cluster.delete(pod.name, pod.uid)
        except BackendUnavailable as error:
            log.warning("sandbox %s could not be ended: %s", pod.name, error)

    def _await_end(self, name: str, uid: str) -> None:
        until = time.monotonic() + END_SECONDS
        while (pod := self._cluster.pod(name)) is not None and pod.uid == uid:
            if time.monotonic() > until:
                raise BackendUnavailable(f"pod {name} does not end: is its node there?")
            time.sleep(LOOK_SECONDS)


def _hold(pod: PodRecord, relay: Relay | None) -> Held:
    return Held(
        handle=pod.handle,
        uid=pod.uid,
        node=pod.node,
        limits=pod.limits,
        claimed_at=pod.claimed_at or 0.0,
        expires_at=pod.expires_at or 0.0,
        session=pod.session,
        epoch=pod.epoch,
        pod=pod,
        relay=relay,
    )


def _state(pod: PodRecord) -> str:
    if pod.claimed:
        return "claimed"
    return "warm" if claims.is_free(pod) else "starting"
