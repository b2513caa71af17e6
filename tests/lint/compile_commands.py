#!/usr/bin/env python3
"""Writes compile_commands.json for clang-tidy from what Bazel would run.

    compile_commands.py OUTPUT <AQUERY

AQUERY is the output of `bazel aquery --output=jsonproto 'mnemonic("CppCompile", //...)'`. Sources and their headers are those of
the tree, generated headers those below Bazel's execution_root.
"""

import argparse
import json
import sys

# Folders of Bazel's own.
GENERATED = ("bazel-out/", "external/")

# GCC's alone: clang would warn, or stop.
DROPPED = {"-fno-canonical-system-headers", "-Wunused-but-set-parameter", "-Wno-free-nonheap-object", "-Werror"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", required=True, help="the tree")
    parser.add_argument("--execution-root", required=True)
    parser.add_argument("output")
    options = parser.parse_args()
    commands = {}
    for action in json.load(sys.stdin).get("actions", []):
        arguments = [
            f"{options.execution_root}/{argument}" if argument.startswith(GENERATED) else argument
            for argument in action["arguments"]
            if argument not in DROPPED
        ]
        source = arguments[arguments.index("-c") + 1]
        # Ours, and once: a source may be compiled with and without -fPIC.
        if not source.startswith(options.execution_root):
            commands[source] = {"directory": options.root, "file": source, "arguments": arguments}
    with open(options.output, "w", encoding="utf-8") as output:
        json.dump([commands[source] for source in sorted(commands)], output, indent=1)


if __name__ == "__main__":
    main()
