"""The rows of the speed table: what each starts, and how its goal is judged."""

import os
from dataclasses import dataclass, field

import peers
from processes import Load


@dataclass
class Settings:
    program: str  # The load.
    directory: str
    quick: bool
    large: bool


@dataclass
class Started:
    """What takes turns in one work."""

    ours: peers.Peer
    # By name; the best of them is what counts.
    against: dict = field(default_factory=dict)
    load: Load = None
    detail: str = ""

    def end(self):
        for peer in self.against.values():
            peer.end()
        if self.load is not None:
            self.load.end()


def _load(settings, name, *words):
    directory = f"{settings.directory}/{name}"
    load = Load(settings.program, name, "--directory", directory, *words, log=f"{directory}.log")
    return load, directory


def _check(settings, count):
    load, directory = _load(settings, "check", "--count", str(count))
    started = Started(peers.OfLoad(load, "broker", int(load.ready["pid"])), load=load)
    started.detail = f"{count:,} consents stored, 128 calls under way on 8 connections"
    files = [word for name in ("certificate", "key", "ca") for word in (f"--{name}", load.ready[name])]
    for api in ("queues", "callback"):
        name = f"echo-{api}"
        echo = Load(settings.program, "echo", "--api", api, *files, log=f"{directory}-{name}.log")
        load.tell(f"peer {name} {echo.ready['address']}")
        started.against[name] = peers.OfLoad(load, name, int(echo.ready["pid"]), echo)
    return started


def check(settings):
    return _check(settings, 1_000_000 if settings.large else 10_000 if settings.quick else 100_000)


def decide(settings):
    count = 5_000 if settings.quick else 20_000
    load, directory = _load(settings, "decide", "--count", str(count))
    started = Started(peers.OfLoad(load, "broker", int(load.ready["pid"])), load=load)
    started.detail = f"{count:,} decisions a round, 64 callers"
    started.against["postgresql"] = peers.Postgres(f"{directory}-postgresql")
    return started


def journal(settings):
    load, directory = _load(settings, "journal")
    started = Started(peers.OfLoad(load, "journal", int(load.ready["pid"])), load=load)
    started.detail = "row of 300 B, entry, leaf, nodes, checkpoint; 64 threads"
    started.against["db_bench"] = peers.DbBench(f"{directory}-db_bench")
    return started


def _documents(settings, name, detail):
    load, directory = _load(settings, name)
    started = Started(peers.OfLoad(load, "broker", int(load.ready["pid"])), load=load, detail=detail)
    started.against["nginx"] = peers.Nginx(load, f"{directory}-nginx")
    return started


def documents(settings):
    return _documents(settings, "documents", "512 KiB, 16 under way on 4 connections")


def large_document(settings):
    return _documents(settings, "large-document", "200 MB, one at a time")


def proof(settings):
    load, _ = _load(settings, "proof")
    started = Started(peers.OfLoad(load, "broker", int(load.ready["pid"])), load=load)
    started.detail = "from the decision's answer to checkpoint and path, one caller"
    return started


def watch(settings):
    count = 10_000 if settings.quick else 100_000
    load, _ = _load(settings, "watch", "--count", str(count))
    started = Started(peers.OfLoad(load, "broker", int(load.ready["pid"])), load=load)
    started.detail = f"{count:,} streams on {count // 1000 + 1} connections, 2,000 consents"
    return started


@dataclass
class Work:
    name: str
    start: object
    unit: str
    goal: str
    # From the medians of our rounds to the value that is reported.
    value: object
    # From value and ratio to whether the goal was met.
    met: object
    # Multiplies rates (operations a second) to give the unit.
    scale: float = 1.0


def _rate(median):
    return median["rate"]


def _at_least(goal):
    return lambda value, ratio: ratio is not None and ratio >= goal


WORKS = [
    Work("check", check, "checks/s", "ratio >= 0.8", _rate, _at_least(0.8)),
    Work("decide", decide, "decisions/s", "ratio >= 2", _rate, _at_least(2.0)),
    Work("journal", journal, "commits/s", "ratio >= 1.5", _rate, _at_least(1.5)),
    Work("documents", documents, "MB/s", "ratio >= 1.0", _rate, _at_least(1.0), 0.524288),
    Work("large-document", large_document, "MB/s", "ratio >= 0.7", _rate, _at_least(0.7), 209.7152),
    Work("proof", proof, "ms (p99)", "< 5", lambda m: m["p99_ms"], lambda value, _: value < 5),
    Work(
        "watch-memory",
        watch,
        "GB for 100,000",
        "< 2.5",
        lambda m: m["bytes_per_stream"] * 1e5 / 1e9,
        lambda value, _: value < 2.5,
    ),
    Work("watch-change", watch, "ms (p99)", "< 1000", lambda m: m["p99_ms"], lambda value, _: value < 1000),
]

# Rows of the table that cannot run, and why.
SKIPPED = {
    "batch": "batched checks on a stream: the broker answers them, but there is no load for them yet",
}
if os.cpu_count() is None:
    raise SystemExit("benchmarks: the number of processors is unknown")
