"""A broker and its holder in memory: honest, and then changed by a test at any place.

All people and numbers are made up.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf import json_format, text_format

from fake_ledger import FakeLedger
from naru import header as header_module
from naru import receipt as receipt_module
from naru.binding import subject_binding
from naru.config.v1 import catalogue_pb2, config_pb2
from naru.holder.v1 import document_body_pb2
from naru.holder.v1 import holder_service_pb2 as holder_pb2
from naru.v1 import (
    common_pb2,
    consent_service_pb2,
    document_service_pb2,
    error_reason_pb2,
    ledger_entry_pb2,
    rpc_status_pb2,
)

CI = "T" * 86 + "=="
OTHER_CI = "U" * 86 + "=="
CONSENT_ID = "0001" + "c" * 28
FETCH_ID = "0001" + "f" * 28
HOLDER, REQUESTER = "1210000", "B553077"
Step = document_service_pb2.FetchDocumentsResponse

CATALOGUE = """
agencies { code: "1210000" name_ko: "국세청" }
agencies { code: "B553077" name_ko: "공단" }
kinds {
  code: "INCOME_AMOUNT" holder: "1210000" subject_type: SUBJECT_TYPE_PERSON
  parameters { name: "tax_years" type: PARAMETER_TYPE_YEAR default_values: "2025" max_values: 5 }
  fields: "name" fields: "income" max_size_bytes: 1000000
}
kinds {
  code: "BUSINESS_REGISTRATION" holder: "1210000" subject_type: SUBJECT_TYPE_BUSINESS
  fields: "name" fields: "income"
}
affairs { code: "LOAN" kinds { kind: "INCOME_AMOUNT" } kinds { kind: "BUSINESS_REGISTRATION" } }
"""


def unchanged(*_: object) -> None:
    """Changes nothing."""


class SigningKey:
    def __init__(self, key_id: str) -> None:
        self.key_id = key_id
        self._key = ec.generate_private_key(ec.SECP256R1())

    def pem(self) -> str:
        return (
            self._key.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )

    def sign(self, context: str, data: bytes) -> common_pb2.Signature:
        signature = self._key.sign(context.encode() + b"\n" + data, ec.ECDSA(hashes.SHA256()))
        return common_pb2.Signature(algorithm="ES256", key_id=self.key_id, signature=signature)


@dataclass
class FakePaper:
    """A paper, and where a test lays hands on it: before the thing is signed, so that all else fits."""

    paper: common_pb2.Paper
    text: str = "소득 " * 30_000  # Two chunks.
    status: int = holder_pb2.ANSWER_STATUS_FOUND
    outcome: int = common_pb2.OUTCOME_SENT
    media_type: str = "application/json"
    body: Callable[[document_body_pb2.DocumentBody], None] = unchanged
    raw_body: bytes | None = None
    header: Callable[[holder_pb2.DocumentHeader], None] = unchanged
    receipt: Callable[[document_service_pb2.Receipt], None] = unchanged
    entry: Callable[[ledger_entry_pb2.OuterEntry], None] = unchanged


def income_paper(paper_id: int) -> FakePaper:
    return FakePaper(
        common_pb2.Paper(
            paper_id=paper_id,
            kind="INCOME_AMOUNT",
            subject=common_pb2.Subject(type=common_pb2.SUBJECT_TYPE_PERSON),
            parameters=[common_pb2.Parameter(name="tax_years", values=["2025"])],
        )
    )


def business_paper(paper_id: int) -> FakePaper:
    return FakePaper(
        common_pb2.Paper(
            paper_id=paper_id,
            kind="BUSINESS_REGISTRATION",
            subject=common_pb2.Subject(type=common_pb2.SUBJECT_TYPE_BUSINESS, number="1208147521"),
        ),
        text="상호",
    )


class FakeError(grpc.RpcError):
    """What a stub raises."""

    def __init__(self, code: grpc.StatusCode, detail: error_reason_pb2.ErrorDetail | None = None) -> None:
        super().__init__()
        self._code = code
        status = rpc_status_pb2.RpcStatus(code=code.value[0], message="no")
        if detail is not None:
            status.details.add().Pack(detail)
        self._metadata = (("grpc-status-details-bin", status.SerializeToString()),)

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return "no"

    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        return self._metadata


class FakeCall:
    """A running stream."""

    def __init__(self, steps: list[Step | grpc.RpcError]) -> None:
        self._steps = iter(steps)
        self.cancelled = False

    def __iter__(self) -> Iterator[Step]:
        return self

    def __next__(self) -> Step:
        step = next(self._steps)
        if isinstance(step, grpc.RpcError):
            raise step
        return step

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class FakeBroker:
    """Serves GetConsent, FetchDocuments and AcknowledgeDocuments in place of a client's stubs."""

    papers: list[FakePaper] = field(default_factory=lambda: [income_paper(1), business_paper(2)])
    steps: Callable[[list], None] = unchanged
    repeated: bool = False
    ledger: FakeLedger = field(default_factory=FakeLedger)
    holder_key: SigningKey = field(default_factory=lambda: SigningKey("nts-1"))
    receipt_key: SigningKey = field(default_factory=lambda: SigningKey("receipt-1"))
    failures: list[grpc.RpcError] = field(default_factory=list)
    requests: list[document_service_pb2.FetchDocumentsRequest] = field(default_factory=list)
    acknowledged: list[document_service_pb2.AcknowledgeDocumentsRequest] = field(default_factory=list)
    call: FakeCall | None = None

    def config(self, directory: Path) -> config_pb2.ClientConfig:
        catalogue = text_format.Parse(CATALOGUE, catalogue_pb2.Catalogue())
        catalogue.agencies[0].signing_keys.add(key_id="nts-1", pem=self.holder_key.pem())
        catalogue.receipt_keys.add(key_id="receipt-1", pem="file:receipt.pem")
        (directory / "receipt.pem").write_text(self.receipt_key.pem())
        (directory / "catalogue.textproto").write_text(text_format.MessageToString(catalogue))
        return config_pb2.ClientConfig(
            identity=f"urn:naru:{REQUESTER}:system",
            catalogue_file=str(directory / "catalogue.textproto"),
            checkpoint_file=str(directory / "checkpoint"),
            temporary_directory=str(directory),
            ledger_verifier_keys=self.ledger.verifier_keys(),
        )

    def GetConsent(self, request, timeout):  # noqa: N802 (a stub's method)
        papers = [paper.paper for paper in self.papers]
        consent = consent_service_pb2.Consent(consent_id=request.consent_id, affair="LOAN", papers=papers)
        return consent_service_pb2.GetConsentResponse(consent=consent)

    def AcknowledgeDocuments(self, request, timeout):  # noqa: N802
        self.acknowledged.append(request)
        return document_service_pb2.AcknowledgeDocumentsResponse()

    def FetchDocuments(self, request, timeout):  # noqa: N802
        self.requests.append(request)
        if self.failures:
            self.call = FakeCall([self.failures.pop(0)])
            return self.call
        steps = self.honest_steps(request)
        self.steps(steps)
        self.call = FakeCall(steps)
        return self.call

    def honest_steps(self, request: document_service_pb2.FetchDocumentsRequest) -> list:
        started = Step()
        started.started.fetch_id = FETCH_ID
        started.started.repeated_request = self.repeated
        steps = [started]
        summary = Step()
        summary.summary.SetInParent()
        names = {value: name for name, value in common_pb2.Outcome.items()}
        for paper in self.papers:
            started.started.papers.add(
                paper=paper.paper, holder=HOLDER, release_id=release_of(paper.paper.paper_id)
            )
            steps += self.steps_of(paper, request)
            count = names[paper.outcome].removeprefix("OUTCOME_").lower()
            setattr(summary.summary, count, getattr(summary.summary, count) + 1)
        return [*steps, summary]

    def steps_of(
        self, paper: FakePaper, request: document_service_pb2.FetchDocumentsRequest
    ) -> list[Step]:
        number = paper.paper.paper_id
        header, body = self._answer(paper, request)
        signed = document_service_pb2.SignedHeader(header=header.SerializeToString())
        signed.signature.CopyFrom(self.holder_key.sign(header_module.CONTEXT, signed.header))
        steps = []
        found = paper.status == holder_pb2.ANSWER_STATUS_FOUND
        if found and not self.repeated:
            steps.append(Step())
            steps[-1].header.paper_id = number
            steps[-1].header.signed_header.CopyFrom(signed)
            size = max(1, header_module.chunk_bytes_for(len(body)))
            for index, begin in enumerate(range(0, len(body), size)):
                chunk = body[begin : begin + size]
                steps.append(Step())
                steps[-1].chunk.MergeFrom(
                    document_service_pb2.DocumentChunk(paper_id=number, index=index, data=chunk)
                )
        if paper.status in (holder_pb2.ANSWER_STATUS_FOUND, holder_pb2.ANSWER_STATUS_NO_RECORD):
            steps.append(Step())
            steps[-1].receipt.CopyFrom(self._receipt(paper, header, signed, request))
        steps.append(Step())
        outcome = steps[-1].outcome
        outcome.paper_id, outcome.outcome = number, paper.outcome
        if not found and not self.repeated:
            outcome.signed_answer.CopyFrom(signed)
        return steps

    def _answer(self, paper, request):
        subject = common_pb2.Subject(
            type=paper.paper.subject.type, number=paper.paper.subject.number or CI
        )
        person = common_pb2.Subject(type=common_pb2.SUBJECT_TYPE_PERSON, number=CI)
        header = holder_pb2.DocumentHeader(
            context=header_module.CONTEXT,
            nonce=request.nonce,
            release_id=release_of(paper.paper.paper_id),
            holder=HOLDER,
            requester=REQUESTER,
            document_kind=paper.paper.kind,
            parameters=paper.paper.parameters,
            status=paper.status,
            subject_binding=subject_binding(request.nonce, subject),
            person_binding=subject_binding(request.nonce, person),
        )
        body = b""
        if paper.status == holder_pb2.ANSWER_STATUS_FOUND:
            body = self._document(paper, header, subject)
        elif paper.status == holder_pb2.ANSWER_STATUS_DECLINED:
            header.decline_code = holder_pb2.DECLINE_CODE_FORBIDDEN_BY_LAW
            header.decline_ground = "국세기본법 81조의13"
        elif paper.status == holder_pb2.ANSWER_STATUS_DEFERRED:
            header.deferral.reason = holder_pb2.DEFERRAL_REASON_MANUAL_REVIEW
            header.deferral.owner = "민원실"
        paper.header(header)
        return header, body

    def _document(self, paper, header, subject) -> bytes:
        header.fields.extend(["name", "income"])
        header.document_number = "2026-11-0001"
        header.issue_time.FromDatetime(datetime.datetime.utcnow())
        header.media_type = paper.media_type
        document = document_body_pb2.DocumentBody(
            title="증명서",
            document_kind=header.document_kind,
            document_number=header.document_number,
            issue_time=header.issue_time,
            holder=header.holder,
            subject=subject,
            parameters=header.parameters,
            fields=[
                document_body_pb2.DocumentField(name="name", value="나시험"),
                document_body_pb2.DocumentField(name="income", value=paper.text),
            ],
        )
        paper.body(document)
        body = paper.raw_body
        if body is None:
            body = json.dumps(json_format.MessageToDict(document), ensure_ascii=False).encode()
        size = header_module.chunk_bytes_for(len(body)) or header_module.CHUNK_BYTES
        header.size_bytes, header.chunk_size_bytes = len(body), size
        header.body_sha256 = hashlib.sha256(body).digest()
        for begin in range(0, len(body), size):
            header.chunk_sha256.append(hashlib.sha256(body[begin : begin + size]).digest())
        return body

    def _receipt(self, paper, header, signed, request) -> document_service_pb2.DocumentReceipt:
        digest = hashlib.sha256(signed.header).digest()
        common = {
            "consent_id": request.consent_id,
            "release_id": header.release_id,
            "fetch_id": FETCH_ID,
            "requester": REQUESTER,
            "holder": header.holder,
            "paper_id": paper.paper.paper_id,
            "document_kind": header.document_kind,
            "header_sha256": digest,
        }
        found = paper.status == holder_pb2.ANSWER_STATUS_FOUND
        entry = ledger_entry_pb2.OuterEntry(
            kind=(
                ledger_entry_pb2.ENTRY_KIND_DOCUMENT_RELEASED
                if found
                else ledger_entry_pb2.ENTRY_KIND_NO_RECORD_RELEASED
            ),
            document_sha256=header.body_sha256,
            mode=request.mode,
            affair="LOAN",
            ground="전자정부법 36조",
            **common,
        )
        paper.entry(entry)
        receipt = document_service_pb2.Receipt(
            context=receipt_module.CONTEXT,
            proof=self.ledger.append(entry, request.known_tree_size),
            nonce=request.nonce,
            **common,
        )
        receipt.time.FromDatetime(datetime.datetime.utcnow())
        paper.receipt(receipt)
        data = receipt.SerializeToString()
        return document_service_pb2.DocumentReceipt(
            paper_id=paper.paper.paper_id,
            receipt=data,
            signature=self.receipt_key.sign(receipt_module.CONTEXT, data),
        )


def release_of(paper_id: int) -> str:
    return "0001" + "a" * 26 + f"{paper_id:02d}"
