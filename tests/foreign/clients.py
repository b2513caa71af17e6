"""Three gRPC clients that are not Naru's, behind one question: make this call, as this caller.

Requests and responses are protobuf's JSON mapping (camelCase names, enum values by name, bytes in
base64). grpc-js differs in one thing: a Timestamp is {seconds, nanos} there, so a test gives a client
only times that came from it or from its `time`.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import importlib
import json
import pathlib
import select
import subprocess
import time
from typing import Any, Protocol

import grpc
from google.protobuf import json_format

from naru import channel, errors
from naru.config.v1 import config_pb2
from naru.v1 import error_reason_pb2

SECONDS = 30
Json = dict[str, Any]

# Proto files with services; `services` finds them all.
PACKAGES = ("naru.v1", "naru.holder.v1", "naru.identity.v1")


@dataclasses.dataclass(frozen=True)
class Call:
    method: str  # "naru.v1.LedgerService/GetCheckpoint"
    caller: str  # Folder of the certificate.
    address: str
    server: str  # URI SAN of the server.
    requests: list[Json]
    limit: int = 0  # After so many responses the stream is cancelled; 0 waits for its end.


@dataclasses.dataclass(frozen=True)
class Answer:
    code: str  # "OK", "INVALID_ARGUMENT"
    detail: Json | None
    responses: list[Json]


class ForeignClient(Protocol):
    name: str

    def call(self, call: Call) -> Answer: ...

    def time(self) -> Any:
        """Now, as a Timestamp of a request."""

    def close(self) -> None: ...


def services(python: pathlib.Path) -> dict[str, Any]:
    """The descriptors of all public methods, "package.Service/Method" -> descriptor."""
    found = {}
    for package in PACKAGES:
        for file in sorted((python / package.replace(".", "/")).glob("*_pb2.py")):
            module = importlib.import_module(f"{package}.{file.stem}")
            for service in module.DESCRIPTOR.services_by_name.values():
                for method in service.methods:
                    found[f"{service.full_name}/{method.name}"] = method
    return found


class Python:
    """grpcio, with the stubs that protoc and grpc_python_plugin made."""

    name = "Python grpcio"

    def __init__(self, pki: pathlib.Path, methods: dict[str, Any]) -> None:
        self._pki, self._methods = pki, methods
        self._channels: dict[tuple[str, str], grpc.Channel] = {}

    def time(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def call(self, call: Call) -> Answer:
        method = self._methods[call.method]
        service = method.containing_service
        stubs = importlib.import_module(service.file.name.replace("/", ".").replace(".proto", "_pb2_grpc"))
        stub = getattr(getattr(stubs, f"{service.name}Stub")(self._channel(call)), method.name)
        messages = importlib.import_module(service.file.name.replace("/", ".").replace(".proto", "_pb2"))
        kind = getattr(messages, method.input_type.name)
        requests = [json_format.ParseDict(request, kind()) for request in call.requests]
        responses = []
        try:
            answer = stub(requests[0], timeout=SECONDS) if not method_is_stream(method) else stub(
                iter(requests), timeout=SECONDS
            )
            if hasattr(answer, "__next__"):
                for response in answer:
                    responses.append(json_format.MessageToDict(response))
                    if len(responses) == call.limit:
                        answer.cancel()
                        break
            else:
                responses.append(json_format.MessageToDict(answer))
        except grpc.RpcError as error:
            detail = errors.error_detail(error)
            as_json = json_format.MessageToDict(detail) if detail is not None else None
            return Answer(error.code().name, as_json, responses)
        return Answer("OK", None, responses)

    def _channel(self, call: Call) -> grpc.Channel:
        key = (call.address, call.caller)
        if key not in self._channels:
            tls = config_pb2.TlsFiles(
                ca_file=str(self._pki / "ca.pem"),
                certificate_file=str(self._pki / call.caller / "cert.pem"),
                key_file=str(self._pki / call.caller / "key.pem"),
            )
            self._channels[key] = channel.open_channel(call.address, tls, call.server)
        return self._channels[key]

    def close(self) -> None:
        for opened in self._channels.values():
            opened.close()


def method_is_stream(method: Any) -> bool:
    """Whether the client streams; descriptors of this protobuf do not say it but as a proto."""
    from google.protobuf import descriptor_pb2

    service = descriptor_pb2.ServiceDescriptorProto()
    method.containing_service.CopyToProto(service)
    return next(m for m in service.method if m.name == method.name).client_streaming


class GrpcJs:
    """@grpc/grpc-js with @grpc/proto-loader, in a Node.js process of its own."""

    name = "@grpc/grpc-js"

    def __init__(self, here: pathlib.Path, protos: pathlib.Path, pki: pathlib.Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(here / "grpc_js.js"), str(protos), str(pki)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

    def time(self) -> Json:
        return {"seconds": str(int(time.time()))}

    def call(self, call: Call) -> Answer:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(dataclasses.asdict(call)) + "\n")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the Node.js process ended")
        return Answer(**json.loads(line))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(SECONDS)


class BufCurl:
    """`buf curl`, one process a call. It checks the server's host name, not its URI."""

    name = "buf curl"

    def __init__(self, buf: pathlib.Path, image: pathlib.Path, pki: pathlib.Path) -> None:
        self._buf, self._image, self._pki = buf, image, pki

    def time(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def call(self, call: Call) -> Answer:
        process = subprocess.Popen(
            [
                str(self._buf), "curl", "--schema", str(self._image), "--protocol", "grpc",
                "--cacert", str(self._pki / "ca.pem"),
                "--cert", str(self._pki / call.caller / "cert.pem"),
                "--key", str(self._pki / call.caller / "key.pem"),
                "--data", "@-", f"https://{call.address}/{call.method}",
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            return self._answer(process, call)
        finally:
            process.kill()
            process.wait(SECONDS)
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    @staticmethod
    def _answer(process: subprocess.Popen, call: Call) -> Answer:
        assert process.stdin and process.stdout and process.stderr
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write("\n".join(json.dumps(request) for request in call.requests).encode())
            process.stdin.close()
        responses: list[Json] = []
        text, deadline = b"", time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if select.select([process.stdout], [], [], 1.0)[0]:
                more = process.stdout.read1(65536)
                if not more:
                    break
                text += more
                responses = _values(text.decode("utf-8", "ignore"))
                if call.limit and len(responses) >= call.limit:
                    return Answer("OK", None, responses[: call.limit])
        said = process.stderr.read().decode()
        if process.wait(SECONDS) == 0:
            return Answer("OK", None, responses)
        return _error(said, responses)

    def close(self) -> None:
        """Nothing stays open."""


def _values(text: str) -> list[Json]:
    """The JSON values that a text has so far."""
    found, at, decoder = [], 0, json.JSONDecoder()
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            break
        found.append(value)
    return found


def _error(said: str, responses: list[Json]) -> Answer:
    """What buf says on its standard error: {"code": "invalid_argument", "details": [{"type", "value"}]}."""
    begin = said.find("{")
    if begin < 0:
        raise RuntimeError(f"buf curl: {said}")
    told = json.loads(said[begin:])
    detail = None
    for packed in told.get("details", []):
        if packed["type"] == "naru.v1.ErrorDetail":
            value = packed["value"] + "=" * (-len(packed["value"]) % 4)
            detail = json_format.MessageToDict(
                error_reason_pb2.ErrorDetail.FromString(base64.b64decode(value))
            )
    return Answer(told["code"].upper(), detail, responses)


