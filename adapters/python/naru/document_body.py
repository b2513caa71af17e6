"""What a JSON body says of itself, compared with its header."""

from __future__ import annotations

from google.protobuf import json_format

from naru.errors import CheckFailed
from naru.header import ExpectedHeader
from naru.holder.v1 import document_body_pb2
from naru.holder.v1 import holder_service_pb2 as holder_pb2
from naru.v1 import error_reason_pb2

MEDIA_TYPE = "application/json"
BYTES_MAX = 16 * 1024 * 1024  # It is held in memory while it is compared.


def is_json(header: holder_pb2.DocumentHeader) -> bool:
    return header.media_type.partition(";")[0].strip().lower() == MEDIA_TYPE


def parse_body(body: bytes) -> document_body_pb2.DocumentBody:
    """The body of media type application/json: naru.holder.v1.DocumentBody. CheckFailed when it is none."""
    parsed = document_body_pb2.DocumentBody()
    try:
        json_format.Parse(body.decode("utf-8"), parsed)
    except (json_format.ParseError, UnicodeDecodeError):
        # The library's text quotes the body: it must not get on (P6).
        raise CheckFailed("body: not a document in JSON") from None
    return parsed


def check_body(
    body: bytes, header: holder_pb2.DocumentHeader, expected: ExpectedHeader
) -> document_body_pb2.DocumentBody:
    """The document; CheckFailed unless it names the asked subject and all that its header says.

    The header binds the subject that the holder found; this sees to it that the very body was made
    from that record too.
    """
    parsed = parse_body(body)
    for same, what in (
        (parsed.subject == expected.subject, "subject"),
        (parsed.document_kind == header.document_kind, "document kind"),
        (parsed.holder == header.holder, "holder"),
        (list(parsed.parameters) == list(header.parameters), "parameters"),
    ):
        if not same:
            raise CheckFailed(
                f"body: another {what} than the header's",
                error_reason_pb2.REFUSAL_REASON_SUBJECT_MISMATCH,
            )
    for same, what in (
        (parsed.document_number == header.document_number, "document number"),
        (parsed.issue_time == header.issue_time, "issue time"),
        ([field.name for field in parsed.fields] == list(header.fields), "fields"),
    ):
        if not same:
            raise CheckFailed(f"body: another {what} than the header's")
    return parsed
