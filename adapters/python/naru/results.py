"""What a fetch gives its caller."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from naru.errors import NaruError
from naru.holder.v1 import document_body_pb2
from naru.holder.v1 import holder_service_pb2 as holder_pb2
from naru.sealed_file import SealedFile
from naru.v1 import common_pb2, document_service_pb2, error_reason_pb2, ledger_entry_pb2


class Result(enum.Enum):
    """How one paper ended on this side."""

    DELIVERED = "DELIVERED"
    """Whole, every check passed: `body` holds it."""
    NO_RECORD = "NO_RECORD"
    """The holder's signed answer that nothing is on file, checked. A good answer."""
    DECLINED = "DECLINED"
    """The holder's signed no, checked."""
    DEFERRED = "DEFERRED"
    """The holder's signed answer that it comes later, checked."""
    NOT_PERMITTED = "NOT_PERMITTED"
    """The broker's no."""
    FAILED = "FAILED"
    """A fault that the broker tells of; may be fetched again."""
    REPEATED = "REPEATED"
    """Outcome of an earlier fetch under this request id; bodies come once only."""
    INTERRUPTED = "INTERRUPTED"
    """The stream or this machine's disk broke before the paper was whole."""
    TOO_LARGE = "TOO_LARGE"
    """More than the fetch may have in all, or a JSON body too large to be compared."""
    MISMATCH = "MISMATCH"
    """Not what was asked for, or not proven (P3). Discarded; never handed over."""


@dataclass
class Document:
    """One paper. What was not checked is not here.

    `header` comes with DELIVERED, NO_RECORD, DECLINED and DEFERRED; `receipt` and `entry` with
    DELIVERED, NO_RECORD and REPEATED (of what was released); `body` with DELIVERED alone.
    """

    paper_id: int
    kind: str = ""
    holder: str = ""
    release_id: str = ""
    result: Result = Result.INTERRUPTED
    outcome: int = common_pb2.OUTCOME_UNSPECIFIED
    """As the broker says."""
    what: str = "the stream ended before the paper was whole"
    """MISMATCH, INTERRUPTED, TOO_LARGE: which check failed, in English, no value of the answer."""
    mismatch_reason: int = error_reason_pb2.REFUSAL_REASON_UNSPECIFIED
    """MISMATCH: what the broker is told of it."""
    refusal: error_reason_pb2.Refusal | None = None
    signed_header: document_service_pb2.SignedHeader | None = None
    header: holder_pb2.DocumentHeader | None = None
    signed_receipt: document_service_pb2.DocumentReceipt | None = None
    receipt: document_service_pb2.Receipt | None = None
    entry: ledger_entry_pb2.OuterEntry | None = None
    body: SealedFile | None = None
    content: document_body_pb2.DocumentBody | None = None
    """DELIVERED, of media type application/json: the body, read."""


@dataclass
class FetchedCase:
    """A fetch. Close it, or use it in a `with` statement, to give back the temporary files."""

    request_id: str
    consent_id: str
    nonce: bytes
    """With the request id: to repeat this very fetch from another process."""
    fetch_id: str = ""
    refusal: error_reason_pb2.Refusal | None = None
    """Set when the fetch as a whole was refused; then there are no documents."""
    documents: list[Document] = field(default_factory=list)
    """One for each paper announced, or asked for by number and not announced."""
    repeated: bool = False
    summary: document_service_pb2.FetchSummary | None = None
    error: NaruError | None = None
    """None when the stream came to its end in the order of the contract. What was delivered before an
    error of the call is good all the same: each paper stands on its own proof."""

    def close(self) -> None:
        for document in self.documents:
            if document.body is not None:
                document.body.close()

    def __enter__(self) -> FetchedCase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
