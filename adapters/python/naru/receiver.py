"""Takes the steps of one paper in the order of the contract, and believes none of them (P3)."""

from __future__ import annotations

import datetime
import enum
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from naru.checkpoint import Checkpoint, CheckpointKeeper
from naru.document_body import BYTES_MAX, check_body, is_json
from naru.errors import CheckFailed, NotKept
from naru.header import BodyChecker, ExpectedHeader, check_header
from naru.holder.v1 import holder_service_pb2 as holder_pb2
from naru.receipt import ExpectedReceipt, check_receipt
from naru.results import Document, Result
from naru.sealed_file import SealedFile
from naru.signatures import KeyRing
from naru.v1 import common_pb2, document_service_pb2, ledger_entry_pb2

# The holder's own words, by outcome.
ANSWERS = {
    common_pb2.OUTCOME_NO_RECORD: (Result.NO_RECORD, holder_pb2.ANSWER_STATUS_NO_RECORD),
    common_pb2.OUTCOME_DECLINED: (Result.DECLINED, holder_pb2.ANSWER_STATUS_DECLINED),
    common_pb2.OUTCOME_DEFERRED: (Result.DEFERRED, holder_pb2.ANSWER_STATUS_DEFERRED),
}
CHECKED = (
    Result.DELIVERED,
    Result.NO_RECORD,
    Result.DECLINED,
    Result.DEFERRED,
    Result.REPEATED,
)


@dataclass
class Receiving:
    """What the papers of one fetch share."""

    keys: KeyRing
    keeper: CheckpointKeeper
    known: Checkpoint  # Its size went with the request.
    consent_id: str
    mode: int
    temporary_directory: str
    bytes_left: int  # Of what may come in all.
    now: Callable[[], datetime.datetime]
    fetch_id: str = ""
    repeated: bool = False


class _Step(enum.Enum):
    BEGIN = 1  # Nothing came.
    BODY = 2  # The header came.
    WHOLE = 3  # The last chunk came.
    ENDED = 4  # The outcome came.


class _GivenUp(Exception):
    """The paper ends without a document, for a reason that is not the broker's."""

    def __init__(self, result: Result, what: str) -> None:
        super().__init__(what)
        self.result = result


class DocumentReceiver:
    """One paper. Not thread-safe.

    A step that does not fit ends the paper as MISMATCH, and its body is gone. The calls never raise.
    """

    def __init__(
        self,
        fetch: Receiving,
        announced: document_service_pb2.FetchedPaper,
        expected: ExpectedHeader | CheckFailed,
    ) -> None:
        """`expected` may be the reason why no answer about this paper will be taken."""
        self._fetch = fetch
        self._expected = expected
        self._step = _Step.BEGIN
        self._over = False  # A mismatch, or given up: what still comes is passed over.
        self._body: BodyChecker | None = None
        self._receipt: document_service_pb2.DocumentReceipt | None = None  # Came, not checked yet.
        self._document = Document(
            paper_id=announced.paper.paper_id,
            kind=announced.paper.kind,
            holder=announced.holder,
            release_id=announced.release_id,
        )

    @property
    def outcome(self) -> int | None:
        """The broker's; None before it came."""
        return self._document.outcome if self._step is _Step.ENDED else None

    @property
    def result(self) -> Result:
        return self._document.result

    def on_header(self, message: document_service_pb2.DocumentHeader) -> None:
        self._guarded(lambda: self._take_header(message.signed_header))

    def on_chunk(self, chunk: document_service_pb2.DocumentChunk) -> None:
        self._guarded(lambda: self._take_chunk(chunk))

    def on_receipt(self, receipt: document_service_pb2.DocumentReceipt) -> None:
        self._guarded(lambda: self._take_receipt(receipt))

    def on_outcome(self, outcome: document_service_pb2.DocumentOutcome) -> None:
        before, self._step = self._step, _Step.ENDED
        if before is _Step.ENDED:
            self.distrust(CheckFailed("a second outcome"))
            return
        self._document.outcome = outcome.outcome
        self._guarded(lambda: self._take_outcome(outcome, before))

    def distrust(self, error: CheckFailed) -> None:
        """Nothing that was said about this paper counts."""
        self._end(Result.MISMATCH, str(error))
        self._document.mismatch_reason = error.reason

    def finish(self) -> Document:
        """What there is to hand over when the stream is over."""
        document = self._document
        if document.result is not Result.DELIVERED:
            self._drop_body()
        if document.result not in CHECKED:
            document.signed_header = document.header = None
            document.signed_receipt = document.receipt = document.entry = None
        return document

    def _guarded(self, act: Callable[[], None]) -> None:
        if self._over:
            return
        try:
            act()
        except CheckFailed as error:
            self.distrust(error)
        except _GivenUp as error:
            self._end(error.result, str(error))
        except NotKept as error:
            self._end(Result.INTERRUPTED, str(error))

    def _end(self, result: Result, what: str) -> None:
        self._over = True
        self._document.result, self._document.what = result, what
        self._drop_body()

    def _drop_body(self) -> None:
        if self._document.body is not None:
            self._document.body.close()
        self._document.body = self._document.content = self._body = None

    def _asked(self) -> ExpectedHeader:
        if isinstance(self._expected, CheckFailed):
            raise self._expected
        return self._expected

    def _check_header(self, signed: document_service_pb2.SignedHeader, status: int) -> None:
        header = check_header(signed, self._asked(), self._fetch.keys, self._fetch.now())
        if header.status != status:
            raise CheckFailed("header: another status than the outcome")
        self._document.signed_header, self._document.header = signed, header

    def _take_header(self, signed: document_service_pb2.SignedHeader) -> None:
        if self._step is not _Step.BEGIN:
            raise CheckFailed("a second header")
        if self._fetch.repeated:
            raise CheckFailed("a header in a repeat")
        if self._receipt is not None:
            raise CheckFailed("a header out of its place")
        self._step = _Step.BODY
        self._check_header(signed, holder_pb2.ANSWER_STATUS_FOUND)
        header = self._document.header
        assert header is not None
        if header.size_bytes > self._fetch.bytes_left:
            raise _GivenUp(Result.TOO_LARGE, "more bytes than the fetch may have in all")
        if is_json(header) and header.size_bytes > BYTES_MAX:
            raise _GivenUp(Result.TOO_LARGE, "a JSON body too large to be compared with its header")
        try:
            self._document.body = SealedFile(self._fetch.temporary_directory)
        except OSError as error:
            raise _GivenUp(Result.INTERRUPTED, f"temporary file: {error.strerror}") from error
        self._fetch.bytes_left -= header.size_bytes
        self._body = BodyChecker(header)

    def _take_chunk(self, chunk: document_service_pb2.DocumentChunk) -> None:
        if self._step is not _Step.BODY or self._body is None or self._document.body is None:
            raise CheckFailed("a chunk out of its place")
        self._body.add(chunk.index, chunk.data)
        try:
            self._document.body.append(chunk.data)
        except OSError as error:
            raise _GivenUp(Result.INTERRUPTED, f"temporary file: {error.strerror}") from error
        if self._body.complete:
            self._step = _Step.WHOLE

    def _take_receipt(self, receipt: document_service_pb2.DocumentReceipt) -> None:
        if self._receipt is not None:
            raise CheckFailed("a second receipt")
        if self._step in (_Step.BODY, _Step.ENDED):
            raise CheckFailed("a receipt out of its place")
        self._receipt = receipt

    def _take_outcome(self, outcome: document_service_pb2.DocumentOutcome, before: _Step) -> None:
        document = self._document
        document.refusal = outcome.refusal if outcome.HasField("refusal") else None
        document.what = ""
        match outcome.outcome:
            case common_pb2.OUTCOME_SENT:
                self._take_sent(before)
            case answer if answer in ANSWERS:
                if before is not _Step.BEGIN:
                    raise CheckFailed("an answer without a document after a header")
                self._take_answer(outcome)
            case common_pb2.OUTCOME_NOT_PERMITTED:
                if before is not _Step.BEGIN or self._receipt is not None:
                    raise CheckFailed("not permitted, but released")
                document.result = Result.NOT_PERMITTED
            case common_pb2.OUTCOME_FAILED:
                document.result = Result.FAILED
            case _:
                raise CheckFailed("an outcome that is none")

    def _take_sent(self, before: _Step) -> None:
        if self._fetch.repeated and before is _Step.BEGIN:
            self._check_released(ledger_entry_pb2.ENTRY_KIND_DOCUMENT_RELEASED)
            self._document.result = Result.REPEATED
            return
        if before is not _Step.WHOLE:
            raise CheckFailed("said to be sent, but not whole")
        self._check_released(ledger_entry_pb2.ENTRY_KIND_DOCUMENT_RELEASED)
        header, body = self._document.header, self._document.body
        assert header is not None and body is not None
        if is_json(header):
            self._document.content = check_body(body.read_all(), header, self._asked())
        self._document.result = Result.DELIVERED

    def _take_answer(self, outcome: document_service_pb2.DocumentOutcome) -> None:
        """NO_RECORD, DECLINED, DEFERRED: the holder's own words, which a repeat does not have again."""
        result, status = ANSWERS[outcome.outcome]
        if not self._fetch.repeated:
            self._check_header(outcome.signed_answer, status)
        # "Nothing on file" says something about the person: it is released like a document.
        if result is Result.NO_RECORD:
            self._check_released(ledger_entry_pb2.ENTRY_KIND_NO_RECORD_RELEASED)
        elif self._receipt is not None:
            raise CheckFailed("a receipt of what was not released")
        self._document.result = Result.REPEATED if self._fetch.repeated else result

    def _check_released(self, kind: int) -> None:
        asked, signed, header = self._asked(), self._document.signed_header, self._document.header
        if self._receipt is None:
            raise CheckFailed("no receipt")
        checked = check_receipt(
            self._receipt,
            ExpectedReceipt(
                entry_kind=kind,
                release_id=asked.release_id,
                fetch_id=self._fetch.fetch_id,
                consent_id=self._fetch.consent_id,
                requester=asked.requester,
                holder=asked.holder,
                document_kind=asked.document_kind,
                paper_id=self._document.paper_id,
                nonce=asked.nonce,
                mode=self._fetch.mode,
                header_sha256=hashlib.sha256(signed.header).digest() if signed else b"",
                document_sha256=header.body_sha256 if header else b"",
            ),
            self._fetch.keys,
            self._fetch.keeper,
            self._fetch.known,
            self._fetch.now(),
        )
        self._document.signed_receipt = self._receipt
        self._document.receipt, self._document.entry = checked.receipt, checked.entry
