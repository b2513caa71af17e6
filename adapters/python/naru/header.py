"""The holder's signed header and the body it promises, checked as broker/proof/document_header.h does."""

from __future__ import annotations

import datetime
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError, Message

from naru.binding import subject_binding
from naru.errors import CheckFailed
from naru.holder.v1 import holder_service_pb2 as holder_pb2
from naru.signatures import KeyRing
from naru.v1 import common_pb2, document_service_pb2, error_reason_pb2

CONTEXT = "naru-document-header-v1"
HEADER_BYTES_MAX = 160 * 1024
CHUNK_BYTES = 64 * 1024
CHUNK_BYTES_MAX = 1024 * 1024
CHUNKS_MAX = 4096
BODY_BYTES_DEFAULT = 16 * 1024 * 1024
BODY_BYTES_MAX = 256 * 1024 * 1024
CLOCK_SKEW = datetime.timedelta(minutes=5)
NUMBER_CHARS_MAX = 64
MEDIA_TYPE_CHARS_MAX = 127
GROUND_CHARS_MAX = 200
OWNER_CHARS_MAX = 100
SHA256_BYTES = 32


@dataclass(frozen=True)
class ExpectedHeader:
    """What a header must say, by the requester's own knowledge."""

    nonce: bytes
    release_id: str
    holder: str
    requester: str
    document_kind: str
    parameters: Sequence[common_pb2.Parameter]
    subject: common_pb2.Subject
    person: common_pb2.Subject
    approved_fields: Sequence[str]
    max_size_bytes: int = 0  # 0 means 16 MiB.


def _need(
    condition: bool,
    what: str,
    reason: error_reason_pb2.RefusalReason = error_reason_pb2.REFUSAL_REASON_HOLDER_FAULT,
) -> None:
    if not condition:
        raise CheckFailed(f"header: {what}", reason)


def _has_unknown_fields(message: Message) -> bool:
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return known.ByteSize() != message.ByteSize()


def _is_text(text: str, characters_max: int) -> bool:
    return 0 < len(text) <= characters_max and not any(
        ord(c) < 0x20 or ord(c) == 0x7F for c in text
    )


def _is_media_type(text: str) -> bool:
    kind, slash, subtype = text.partition("/")
    printable = all(0x20 <= ord(c) <= 0x7E for c in text)
    return bool(kind and slash and subtype) and len(text) <= MEDIA_TYPE_CHARS_MAX and printable


def chunk_bytes_for(size: int) -> int:
    """The one chunk size a body of this size may have; 0 when it is too large for any."""
    chunk = CHUNK_BYTES
    while chunk <= CHUNK_BYTES_MAX:
        if -(-size // chunk) <= CHUNKS_MAX:
            return chunk
        chunk *= 2
    return 0


def check_header(
    signed: document_service_pb2.SignedHeader,
    expected: ExpectedHeader,
    keys: KeyRing,
    now: datetime.datetime,
) -> holder_pb2.DocumentHeader:
    """The header; CheckFailed unless the holder signed it, about the asked one, to this very call (P3)."""
    _need(len(signed.header) <= HEADER_BYTES_MAX, "larger than allowed")
    _need(
        keys.verify(CONTEXT, signed.header, signed.signature, expected.holder, now),
        "not signed by a key of the holder that counts now",
        error_reason_pb2.REFUSAL_REASON_HOLDER_SIGNATURE_INVALID,
    )
    header = holder_pb2.DocumentHeader()
    try:
        header.ParseFromString(signed.header)
    except DecodeError as error:
        raise CheckFailed("header: cannot be read") from error
    _check_form(header)
    _check_is_the_asked_one(header, expected)
    _check_fields(header, expected)
    if header.HasField("issue_time"):
        _need(header.issue_time.seconds >= 0, "issue time")
        _need(0 <= header.issue_time.nanos <= 999_999_999, "issue time")
        _need(header.issue_time.seconds <= (now + CLOCK_SKEW).timestamp(), "issue time")
    if header.status == holder_pb2.ANSWER_STATUS_FOUND:
        _check_body(header, expected)
    else:
        _check_no_body(header)
    return header


def _check_form(header: holder_pb2.DocumentHeader) -> None:
    status = header.status
    declined = status == holder_pb2.ANSWER_STATUS_DECLINED
    deferred = status == holder_pb2.ANSWER_STATUS_DEFERRED
    _need(header.context == CONTEXT, "context")
    _need(not _has_unknown_fields(header), "a field that is not known")
    _need(
        status in holder_pb2.AnswerStatus.values()
        and status != holder_pb2.ANSWER_STATUS_UNSPECIFIED,
        "status",
    )
    _need(declined == (header.decline_code != holder_pb2.DECLINE_CODE_UNSPECIFIED), "decline code")
    _need(header.decline_code in holder_pb2.DeclineCode.values(), "decline code")
    if header.decline_code == holder_pb2.DECLINE_CODE_FORBIDDEN_BY_LAW or header.decline_ground:
        _need(declined and _is_text(header.decline_ground, GROUND_CHARS_MAX), "ground of the decline")
    _need(deferred == header.HasField("deferral"), "deferral")
    if deferred:
        deferral = header.deferral
        _need(
            deferral.reason in holder_pb2.DeferralReason.values()
            and deferral.reason != holder_pb2.DEFERRAL_REASON_UNSPECIFIED,
            "reason of the deferral",
        )
        _need(_is_text(deferral.owner, OWNER_CHARS_MAX), "owner of the deferral")


def _check_is_the_asked_one(header: holder_pb2.DocumentHeader, expected: ExpectedHeader) -> None:
    subject = subject_binding(expected.nonce, expected.subject)
    person = subject_binding(expected.nonce, expected.person)
    for same, what in (
        (hmac.compare_digest(header.nonce, expected.nonce), "nonce"),
        (header.release_id == expected.release_id, "release"),
        (header.holder == expected.holder, "holder"),
        (header.requester == expected.requester, "requester"),
        (header.document_kind == expected.document_kind, "document kind"),
        (list(header.parameters) == list(expected.parameters), "parameters"),
        (hmac.compare_digest(header.subject_binding, subject), "subject binding"),
        (hmac.compare_digest(header.person_binding, person), "person binding"),
    ):
        _need(same, what, error_reason_pb2.REFUSAL_REASON_SUBJECT_MISMATCH)


def _check_fields(header: holder_pb2.DocumentHeader, expected: ExpectedHeader) -> None:
    _need(
        set(header.fields) <= set(expected.approved_fields),
        "a field that is not approved",
        error_reason_pb2.REFUSAL_REASON_FIELD_NOT_APPROVED,
    )
    _need(len(set(header.fields)) == len(header.fields), "a field named twice")
    if header.status == holder_pb2.ANSWER_STATUS_FOUND:
        _need(bool(header.fields) or not expected.approved_fields, "no fields named")


def _check_body(header: holder_pb2.DocumentHeader, expected: ExpectedHeader) -> None:
    _need(_is_text(header.document_number, NUMBER_CHARS_MAX), "document number")
    _need(header.HasField("issue_time"), "no issue time")
    _need(_is_media_type(header.media_type), "media type")
    _need(header.size_bytes > 0, "an empty body")
    largest = min(expected.max_size_bytes or BODY_BYTES_DEFAULT, BODY_BYTES_MAX)
    _need(header.size_bytes <= largest, "body larger than allowed")
    _need(len(header.body_sha256) == SHA256_BYTES, "body digest")
    _need(header.chunk_size_bytes == chunk_bytes_for(header.size_bytes), "chunk size")
    chunks = -(-header.size_bytes // header.chunk_size_bytes)
    _need(len(header.chunk_sha256) == chunks, "number of chunks")
    _need(all(len(digest) == SHA256_BYTES for digest in header.chunk_sha256), "chunk digest")
    if chunks == 1:
        _need(header.chunk_sha256[0] == header.body_sha256, "two digests of a body of one chunk")


def _check_no_body(header: holder_pb2.DocumentHeader) -> None:
    parts = (
        header.fields,
        header.document_number,
        header.media_type,
        header.size_bytes,
        header.body_sha256,
        header.chunk_size_bytes,
        header.chunk_sha256,
    )
    _need(not any(parts), "parts of a document in an answer without one")


class BodyChecker:
    """Checks the chunks of one body in order against its header. Not thread-safe."""

    def __init__(self, header: holder_pb2.DocumentHeader) -> None:
        self._header = header
        self._whole = hashlib.sha256()
        self._next = 0
        self._left: int = header.size_bytes
        self.complete = False

    def add(self, index: int, data: bytes) -> None:
        """CheckFailed when index, length or digest is not the header's; the body's, with the last chunk."""
        if index != self._next or index >= len(self._header.chunk_sha256):
            raise CheckFailed("body: a chunk out of order")
        if len(data) != min(self._left, self._header.chunk_size_bytes):
            raise CheckFailed("body: length of a chunk")
        if hashlib.sha256(data).digest() != self._header.chunk_sha256[index]:
            raise CheckFailed("body: digest of a chunk")
        self._whole.update(data)
        self._left -= len(data)
        self._next += 1
        if self._left == 0:
            if self._whole.digest() != self._header.body_sha256:
                raise CheckFailed("body: digest of the body")
            self.complete = True
