"""Everything an agency's system does with Naru, over one mutual-TLS connection."""

from __future__ import annotations

import datetime
import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc

from naru.catalogue import Catalogue
from naru.channel import open_channel
from naru.checkpoint import CheckpointKeeper, CheckpointVerifier
from naru.config.v1 import config_pb2
from naru.errors import CallFailed, CheckFailed, NaruError, SettingsError
from naru.expected_paper import OwnFetch
from naru.ids import is_id, new_request_id
from naru.receiver import Receiving
from naru.results import FetchedCase, Result
from naru.settings import agency_of, load_settings
from naru.stream import FetchStream
from naru.v1 import (
    catalogue_service_pb2_grpc,
    common_pb2,
    consent_service_pb2,
    consent_service_pb2_grpc,
    document_service_pb2,
    document_service_pb2_grpc,
    history_service_pb2_grpc,
    ledger_service_pb2_grpc,
)

CALL_SECONDS = 30.0
FETCH_SECONDS = 600.0
NONCE_BYTES = 32
ATTEMPTS = 4
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0

Answer = TypeVar("Answer")


@dataclass
class FetchOptions:
    """One fetch. `person` is the citizen's CI, the caller's own: nothing the broker says replaces it."""

    consent_id: str
    person: str
    case: common_pb2.CaseContext | None = None
    """Official, terminal and case: required of a counter's certificate."""
    papers: Sequence[common_pb2.Paper] = ()
    """As the caller knows them, with its own identifiers of things; none: as the consent has them."""
    paper_ids: Sequence[int] = ()
    """Which of them; none means all agreed to."""
    affair: str = ""
    """Narrows the fields that may come. Known from the consent when `papers` are."""
    mode: int = common_pb2.ACCESS_MODE_VIEW
    all_or_nothing: bool = False
    request_id: str = field(default_factory=new_request_id)
    nonce: bytes = field(default_factory=lambda: secrets.token_bytes(NONCE_BYTES))
    """Give request id and nonce only to repeat a fetch of another process."""
    max_total_bytes: int = 1024 * 1024 * 1024


class Client:
    """Thread-safe; every call blocks. Use it in a `with` statement, or close it.

    `consents`, `documents`, `catalogues`, `histories` and `ledger` are gRPC's stubs: make their calls
    with `call`. Papers are fetched with `fetch` alone, which checks them.
    """

    def __init__(
        self, config: config_pb2.ClientConfig, channel: grpc.Channel | None = None
    ) -> None:
        """SettingsError names file and field. A channel may be given instead of the configured one."""
        self._requester = agency_of(config.identity)
        if not config.ledger_verifier_keys:
            raise SettingsError("ledger_verifier_keys: none; no paper can be proven without them")
        self._catalogue = Catalogue.load(config.catalogue_file, config.key_directory)
        self._keeper = CheckpointKeeper(
            config.checkpoint_file, CheckpointVerifier(config.ledger_verifier_keys)
        )
        self._temporary_directory = config.temporary_directory
        self._channel = channel or open_channel(
            config.broker_address, config.tls, config.broker_identity
        )
        self.consents = consent_service_pb2_grpc.ConsentServiceStub(self._channel)
        self.documents = document_service_pb2_grpc.DocumentServiceStub(self._channel)
        self.catalogues = catalogue_service_pb2_grpc.CatalogueServiceStub(self._channel)
        self.histories = history_service_pb2_grpc.HistoryServiceStub(self._channel)
        self.ledger = ledger_service_pb2_grpc.LedgerServiceStub(self._channel)

    @classmethod
    def from_file(cls, path: str) -> Client:
        return cls(load_settings(path))

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, method: Callable[..., Answer], request: Any) -> Answer:
        """A unary call with a deadline, repeated while UNAVAILABLE under the same request id (P7).

        The answer may hold a Refusal, which is no error (P8). CallFailed when the call fails.
        """
        return _retried(lambda seconds: method(request, timeout=seconds), CALL_SECONDS)

    def fetch(self, options: FetchOptions) -> FetchedCase:
        """Fetches a case's papers and checks every one of them again (P3).

        CallFailed when the call failed before anything came, SettingsError for options that no call
        can be made of; everything after that is in the result.
        """
        if not is_id(options.consent_id) or len(options.nonce) != NONCE_BYTES or not options.person:
            raise SettingsError("consent_id, person or nonce is not of its form")
        person = common_pb2.Subject(type=common_pb2.SUBJECT_TYPE_PERSON, number=options.person)
        fetched = FetchedCase(options.request_id, options.consent_id, options.nonce)
        papers, affair = options.papers, options.affair
        if not papers:
            found = self._consent(options)
            if found.HasField("refusal"):
                fetched.refusal = found.refusal
                return fetched
            papers, affair = found.consent.papers, affair or found.consent.affair
        asked_for = {
            paper.paper_id: paper
            for paper in papers
            if not options.paper_ids or paper.paper_id in options.paper_ids
        }
        own = OwnFetch(self._requester, options.nonce, person, affair)
        return self._fetch(options, fetched, asked_for, own)

    def acknowledge(
        self, fetched: FetchedCase, case: common_pb2.CaseContext | None = None
    ) -> document_service_pb2.AcknowledgeDocumentsResponse:
        """Tells the broker what arrived, and what did not match: each is an entry of the ledger (도달).

        Call it when the documents are in your own durable hands. SettingsError when nothing was sent.
        """
        arrivals = [
            document_service_pb2.DocumentArrival(
                paper_id=document.paper_id,
                arrival=(
                    common_pb2.ARRIVAL_ARRIVED
                    if document.result is Result.DELIVERED
                    else common_pb2.ARRIVAL_MISMATCH
                ),
                reason=document.mismatch_reason,  # type: ignore[arg-type]
            )
            for document in fetched.documents
            if document.outcome == common_pb2.OUTCOME_SENT
            and document.result in (Result.DELIVERED, Result.MISMATCH)
        ]
        if not arrivals:
            raise SettingsError("nothing of this fetch was sent: there is nothing to acknowledge")
        request = document_service_pb2.AcknowledgeDocumentsRequest(
            request_id=new_request_id(), fetch_id=fetched.fetch_id, arrivals=arrivals, case=case
        )
        return self.call(self.documents.AcknowledgeDocuments, request)

    def _consent(self, options: FetchOptions) -> consent_service_pb2.GetConsentResponse:
        request = consent_service_pb2.GetConsentRequest(
            consent_id=options.consent_id, case=options.case
        )
        return self.call(self.consents.GetConsent, request)

    def _fetch(
        self,
        options: FetchOptions,
        fetched: FetchedCase,
        papers: dict[int, common_pb2.Paper],
        own: OwnFetch,
    ) -> FetchedCase:
        known = self._keeper.known
        request = document_service_pb2.FetchDocumentsRequest(
            request_id=options.request_id,
            consent_id=options.consent_id,
            person=own.person,
            nonce=own.nonce,
            case=options.case,
            paper_ids=options.paper_ids,
            mode=options.mode,  # type: ignore[arg-type]
            known_tree_size=known.size,
            all_or_nothing=options.all_or_nothing,
        )
        receiving = Receiving(
            keys=self._catalogue.keys,
            keeper=self._keeper,
            known=known,
            consent_id=options.consent_id,
            mode=options.mode,
            temporary_directory=self._temporary_directory,
            bytes_left=options.max_total_bytes,
            now=lambda: datetime.datetime.now(datetime.timezone.utc),
        )
        stream = FetchStream(fetched, papers, own, self._catalogue, receiving)

        def attempt(seconds: float) -> NaruError | None:
            """Only a call of which nothing came is made again: the same request, to the byte (P7)."""
            steps = self.documents.FetchDocuments(request, timeout=seconds)
            try:
                for step in steps:
                    stream.on_step(step)
            except CheckFailed as error:
                steps.cancel()
                return error
            except grpc.RpcError as error:
                if not stream.begun:
                    raise
                return CallFailed(error)
            return None

        return stream.finish(_retried(attempt, FETCH_SECONDS), list(options.paper_ids))


def _retried(attempt: Callable[[float], Answer], seconds: float) -> Answer:
    """Tries again what is UNAVAILABLE, a bounded number of times, later each time and by chance."""
    end = time.monotonic() + seconds
    for tried in range(ATTEMPTS):
        try:
            return attempt(end - time.monotonic())
        except grpc.RpcError as error:
            failed = CallFailed(error)
            full = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**tried)
            wait = random.uniform(full / 2, full)
            if failed.detail is not None:
                wait = min(LONGEST_WAIT_SECONDS, max(wait, failed.detail.retry_after_ms / 1000))
            again = failed.code is grpc.StatusCode.UNAVAILABLE and tried + 1 < ATTEMPTS
            if not again or time.monotonic() + wait >= end:
                raise failed from None
        time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")
