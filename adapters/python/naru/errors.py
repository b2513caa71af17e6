"""What can go wrong, and how an error of the broker is read."""

from __future__ import annotations

import grpc

from naru.v1 import error_reason_pb2, rpc_status_pb2

DETAILS_TRAILER = "grpc-status-details-bin"
ERROR_DETAIL_BYTES_MAX = 2048


class NaruError(Exception):
    """The base of this package's errors. No text of it holds a value of a person."""


class SettingsError(NaruError):
    """The configuration, catalogue or keys cannot be used; the text names file and field."""


class CheckFailed(NaruError):
    """Something received is not what was asked for, or is not proven; the text says which check (P3).

    `reason` is what AcknowledgeDocuments tells the broker of it.
    """

    def __init__(
        self,
        what: str,
        reason: error_reason_pb2.RefusalReason = error_reason_pb2.REFUSAL_REASON_HOLDER_FAULT,
    ) -> None:
        super().__init__(what)
        self.reason = reason


class NotKept(NaruError):
    """The checkpoint could not be written, so that nothing may rest on it. May be tried again."""


class CallFailed(NaruError):
    """A gRPC error: a bad call or a fault. A judged no is never an error but a Refusal in the answer (P8)."""

    def __init__(self, error: grpc.RpcError) -> None:
        self.code: grpc.StatusCode = error.code()
        self.detail = error_detail(error)
        text = f"{self.code.name}: {error.details()}"
        if self.detail is not None:
            text += f" [{error_reason_pb2.ErrorReason.Name(self.detail.reason)}"
            text += f", {self.detail.field}]" if self.detail.field else "]"
            text += f" {self.detail.next_step}".rstrip()
        super().__init__(text)


def error_detail(error: grpc.RpcError) -> error_reason_pb2.ErrorDetail | None:
    """The ErrorDetail of a failed call; None when it has none of a reason that this version knows."""
    for key, value in error.trailing_metadata() or ():
        if key != DETAILS_TRAILER:
            continue
        status = rpc_status_pb2.RpcStatus()
        try:
            status.ParseFromString(value)
        except Exception:  # protobuf's DecodeError differs between its implementations
            return None
        for packed in status.details:
            detail = error_reason_pb2.ErrorDetail()
            if (
                len(packed.value) <= ERROR_DETAIL_BYTES_MAX
                and packed.Is(detail.DESCRIPTOR)
                and packed.Unpack(detail)
                and detail.reason in error_reason_pb2.ErrorReason.values()
                and detail.reason != error_reason_pb2.ERROR_REASON_UNSPECIFIED
            ):
                return detail
    return None
