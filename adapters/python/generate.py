#!/usr/bin/env python3
"""Generates naru/v1, naru/holder/v1, ... (messages, types, gRPC stubs) from the protos.

  generate.py DIRECTORY [--proto-path DIR]

Needs protoc and grpc_python_plugin, Debian's protobuf-compiler and protobuf-compiler-grpc: its
python3-grpc-tools is older than its protobuf.
"""

import argparse
import pathlib
import shutil
import subprocess

PROTO_PATH = pathlib.Path(__file__).resolve().parents[2] / "proto"
# What a requester's program reads and writes: not what is on the broker's disk.
PACKAGES = ("naru/v1", "naru/holder/v1", "naru/identity/v1", "naru/config/v1")


def generate(directory: pathlib.Path, proto_path: pathlib.Path = PROTO_PATH) -> None:
    plugin = shutil.which("grpc_python_plugin", path="/usr/bin:/usr/local/bin")
    if plugin is None:
        raise SystemExit("generate: no grpc_python_plugin; install protobuf-compiler-grpc")
    protos = sorted(
        str(file.relative_to(proto_path))
        for package in PACKAGES
        for file in (proto_path / package).glob("*.proto")
    )
    if not protos:
        raise SystemExit(f"generate: no protos below {proto_path}")
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            "protoc",
            f"--proto_path={proto_path}",
            "--proto_path=/usr/include",
            f"--plugin=protoc-gen-grpc_python={plugin}",
            f"--python_out={directory}",
            f"--pyi_out={directory}",
            f"--grpc_python_out={directory}",
            *protos,
        ],
        check=True,
    )
    for package in PACKAGES:
        for folder in (directory / package, (directory / package).parent):
            if folder != directory / "naru":
                (folder / "__init__.py").touch()


def main() -> None:
    parser = argparse.ArgumentParser(description="Generates messages and stubs from the protos.")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--proto-path", type=pathlib.Path, default=PROTO_PATH)
    arguments = parser.parse_args()
    generate(arguments.directory, arguments.proto_path)


if __name__ == "__main__":
    main()
