"""Counts test cases from what `bazel test` left behind.

Usage: count_results.py TESTS EVENTS STATUS

TESTS holds a line "suite<TAB>label" for each test that was asked for, EVENTS is the file of
--build_event_json_file, STATUS is Bazel's exit status. Prints a line "outcome<TAB>suite<TAB>name"
for each case; outcome is passed, failed or skipped. A test that has no results (it did not build,
crashed or timed out) is one failure.
"""

import json
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

# Bazel's exit statuses: all passed, did not build, some failed, no tests.
KNOWN_STATUSES = (0, 1, 3, 4)


def read_results(events_path):
    """Returns the last attempt of each run and shard: {label: {(run, shard): testResult}}."""
    results = {}
    with open(events_path, encoding="utf-8") as events:
        for line in events:
            event = json.loads(line)
            identity = event.get("id", {}).get("testResult")
            if identity is None or "testResult" not in event:
                continue
            part = (identity.get("run", 1), identity.get("shard", 1))
            # Attempts are reported in order.
            results.setdefault(identity["label"], {})[part] = event["testResult"]
    return results


def cases_of(result):
    """Yields (outcome, case name) of one test.xml; nothing if there is none."""
    for output in result.get("testActionOutput", []):
        if output.get("name") != "test.xml":
            continue
        path = urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path)
        try:
            tree = ElementTree.parse(path)
        except (OSError, ElementTree.ParseError):
            continue
        for case in tree.iter("testcase"):
            name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
            if case.get("status") == "notrun":
                continue  # disabled
            if case.find("failure") is not None or case.find("error") is not None:
                yield "failed", name
            elif case.get("result") == "skipped" or case.find("skipped") is not None:
                yield "skipped", name
            else:
                yield "passed", name


def count(tests, results, status):
    """Yields (outcome, suite, name) for every case of `tests`, a list of (suite, label)."""
    any_failed = False
    for suite, label in tests:
        parts = results.get(label)
        if not parts:
            any_failed = True
            yield "failed", suite, label + " (no result: did not build, or was not run)"
            continue
        for result in parts.values():
            cases = list(cases_of(result))
            for outcome, name in cases:
                any_failed |= outcome == "failed"
                yield outcome, suite, label + " " + name
            verdict = result.get("status", "NO_STATUS")
            if verdict != "PASSED" and all(outcome != "failed" for outcome, _ in cases):
                any_failed = True
                yield "failed", suite, "%s (%s)" % (label, verdict)
            elif not cases:
                yield "passed", suite, label
    if status != 0 and not any_failed:
        yield "failed", "build", "bazel test ended with status %d" % status
    elif status not in KNOWN_STATUSES:
        yield "failed", "build", "bazel test was cut short with status %d" % status


def main(arguments):
    tests_path, events_path, status = arguments
    with open(tests_path, encoding="utf-8") as lines:
        tests = [line.rstrip("\n").split("\t") for line in lines]
    for row in count(tests, read_results(events_path), int(status)):
        print("\t".join(row))


if __name__ == "__main__":
    main(sys.argv[1:])
