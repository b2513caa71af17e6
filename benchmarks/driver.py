"""Runs the works: what is measured and what it is measured against take turns. See run.sh."""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time

import processes
import works

CORES = os.cpu_count()


def one_round(peer, seconds, scale):
    """A round, with what the machine did meanwhile."""
    peer.prepare()
    cpu = processes.tree(peer.pid) if peer.pid else {}
    waited, machine, mine = processes.waited_cpu(), processes.machine_cpu(), processes.tree(os.getpid())
    start = time.monotonic()
    result = peer.round(seconds)
    took = time.monotonic() - start
    after, ended = processes.tree(os.getpid()), processes.waited_cpu() - waited
    ours = sum(used - mine.get(pid, 0) for pid, used in after.items()) + ended
    used = sum(used - cpu.get(pid, 0) for pid, used in processes.tree(peer.pid).items()) if peer.pid else ended
    if "rate" not in result:
        result["rate"] = result["operations"] / result["seconds"]
    result["rate"] *= scale
    result["cpu_us_per_operation"] = used * 1e6 / max(1, result["operations"])
    # Callers, holder and all: what one operation takes of the machine as a whole.
    result["all_cpu_us_per_operation"] = ours * 1e6 / max(1, result["operations"])
    # Part of the machine that programs of others took.
    others = (processes.machine_cpu() - machine - ours) / (took * CORES)
    result["foreign"] = min(1.0, max(0.0, others))
    return result


def say(work, turn, name, result):
    errors = f"  {result['errors']} ERRORS" if result["errors"] else ""
    unit = f"{result['rate']:>10,.0f} {work.unit}" if work.value is works._rate else f"{work.value(result):>10.3f} {work.unit}"
    print(
        f"  {work.name:<15} {turn:<8} {name:<14} {unit}  p50 {result.get('p50_ms', 0):.2f} ms"
        f"  p99 {result.get('p99_ms', 0):.2f} ms  others {result['foreign']:.0%}{errors}",
        file=sys.stderr,
        flush=True,
    )


def median(rounds):
    names = set.intersection(*(set(one) for one in rounds))
    return {name: statistics.median(one[name] for one in rounds) for name in names}


def measure(group, started, rounds, seconds):
    """Rounds of each in turn: medians by name, and whatever went wrong."""
    sides = {"naru": started.ours, **started.against}
    results = {name: [] for name in sides}
    for turn in range(rounds + 1):
        for name, peer in sides.items():
            result = one_round(peer, seconds, group[0].scale)
            # The first warms up.
            say(group[0], f"{turn}/{rounds}" if turn else "warm-up", name, result)
            if turn:
                results[name].append(result)
    return results


def report(work, started, results, peaks):
    ours = median(results["naru"])
    value = work.value(ours)
    line = {
        "name": work.name,
        "value": value,
        "unit": work.unit,
        "against": None,
        "against_value": None,
        "ratio": None,
        "goal": work.goal,
        "detail": started.detail,
        "peak_memory_bytes": peaks["naru"],
        "rounds": [round(work.value(one), 3) for one in results["naru"]],
        "errors": sum(one["errors"] for side in results.values() for one in side),
        "foreign_cpu": statistics.mean(one["foreign"] for side in results.values() for one in side),
    }
    names = ("p50_ms", "p99_ms", "cpu_us_per_operation", "all_cpu_us_per_operation")
    line.update({name: ours[name] for name in names if name in ours})
    line["more"] = {
        name: number
        for name, number in ours.items()
        if name in ("changes_per_group", "streams", "bytes_per_stream", "open_seconds", "broker_bytes")
    }
    if started.against:
        medians = {name: median(results[name]) for name in started.against}
        best = max(medians, key=lambda name: medians[name]["rate"])
        line["against"] = best
        line["against_value"] = medians[best]["rate"]
        line["ratio"] = value / medians[best]["rate"]
        # What the ratio would be if CPU alone decided; programs of others hardly change it.
        line["ratio_by_cpu"] = medians[best]["all_cpu_us_per_operation"] / ours["all_cpu_us_per_operation"]
        for name, their in medians.items():
            line["more"][name] = {
                "value": their["rate"],
                "p50_ms": their.get("p50_ms"),
                "p99_ms": their.get("p99_ms"),
                "cpu_us_per_operation": their["cpu_us_per_operation"],
                "all_cpu_us_per_operation": their["all_cpu_us_per_operation"],
                "peak_memory_bytes": peaks[name],
                "rounds": [round(one["rate"], 3) for one in results[name]],
            }
    line["met"] = work.met(value, line["ratio"]) and line["errors"] == 0
    return line


def run_group(group, settings, rounds, seconds):
    """Works that share what they start."""
    started = group[0].start(settings)
    try:
        results = measure(group, started, rounds, seconds)
        sides = {"naru": started.ours, **started.against}
        peaks = {name: processes.peak_memory(peer.pid) if peer.pid else None for name, peer in sides.items()}
        return [report(work, started, results, peaks) for work in group]
    finally:
        started.end()


def table(lines):
    head = ("work", "value", "unit", "against", "value", "ratio", "by CPU", "goal", "met", "p50 ms", "p99 ms", "CPU us", "peak MB", "others")
    rows = [head]
    for line in lines:
        with_peer = line["against"] is not None
        rows.append(
            (
                line["name"],
                f"{line['value']:,.1f}" if line["value"] < 1000 else f"{line['value']:,.0f}",
                line["unit"],
                line["against"] or "-",
                f"{line['against_value']:,.0f}" if with_peer else "-",
                f"{line['ratio']:.2f}" if with_peer else "-",
                f"{line['ratio_by_cpu']:.2f}" if with_peer else "-",
                line["goal"],
                "yes" if line["met"] else "NO",
                f"{line['p50_ms']:.2f}",
                f"{line['p99_ms']:.2f}",
                f"{line['cpu_us_per_operation']:,.0f}",
                f"{line['peak_memory_bytes'] / 1e6:,.0f}",
                f"{line['foreign_cpu']:.0%}",
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def main():
    parser = argparse.ArgumentParser(prog="benchmarks/run.sh")
    parser.add_argument("name", nargs="?")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--json")
    parser.add_argument("--directory", default=tempfile.gettempdir())
    parser.add_argument("--program", required=True)
    words = parser.parse_args()
    chosen = [work for work in works.WORKS if words.name in (None, work.name)]
    if not chosen:
        sys.exit("benchmarks: no such work; there are " + ", ".join(work.name for work in works.WORKS))

    directory = tempfile.mkdtemp(prefix="naru-bench-", dir=words.directory)
    os.chmod(directory, 0o711)  # PostgreSQL's user goes through it.
    settings = works.Settings(words.program, directory, words.quick, words.large)
    rounds = words.rounds or (3 if words.quick else 7)
    seconds = words.seconds or (2 if words.quick else 5)
    lines = []
    failed = {}
    try:
        while chosen:
            group = [work for work in chosen if work.start is chosen[0].start]
            chosen = [work for work in chosen if work not in group]
            print(f"{' and '.join(work.name for work in group)}: starting", file=sys.stderr, flush=True)
            try:
                lines += run_group(group, settings, rounds, seconds)
            except (RuntimeError, OSError) as error:
                failed[group[0].name] = error
                print(f"{group[0].name}: {error}", file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    if words.json:
        with open(words.json, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
    print(table(lines))
    print(
        "CPU us: of the measured server for one operation; by CPU: the ratio if CPU alone decided, callers included;"
        "\nothers: part of the machine that other programs took meanwhile. Above a tenth, the ratio says little."
    )
    if words.name is None:
        skipped = dict(works.SKIPPED)
        if not settings.large:
            skipped["50 M consents"] = "takes hours to fill; --large stores 1 M"
        for name, reason in skipped.items():
            print(f"skipped: {name}: {reason}")
    if failed:
        sys.exit("benchmarks: not measured: " + ", ".join(failed))
    if sum(line["errors"] for line in lines):
        sys.exit("benchmarks: calls failed; the numbers do not count")


if __name__ == "__main__":
    main()
