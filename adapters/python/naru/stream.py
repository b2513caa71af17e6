"""The steps of one FetchDocuments stream: each goes to its paper, the order of the whole is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from naru.catalogue import Catalogue
from naru.errors import CheckFailed, NaruError
from naru.expected_paper import OwnFetch, expect_paper
from naru.header import ExpectedHeader
from naru.ids import is_id
from naru.receiver import DocumentReceiver, Receiving
from naru.results import Document, FetchedCase, Result
from naru.v1 import common_pb2, document_service_pb2

PAPERS_MAX = 64


class FetchStream:
    """Distrusts a broker that breaks the order of the whole: then nothing of it counts. Not thread-safe."""

    def __init__(
        self,
        fetched: FetchedCase,
        papers: Mapping[int, common_pb2.Paper],
        own: OwnFetch,
        catalogue: Catalogue,
        receiving: Receiving,
    ) -> None:
        """`papers` are those that were asked for, as the requester knows them."""
        self._fetched = fetched
        self._papers = papers
        self._own = own
        self._catalogue = catalogue
        self._receiving = receiving
        self._receivers: dict[int, DocumentReceiver] = {}
        self._started = self._over = False
        self.begun = False
        """Something came that a new try of the call would not take back."""

    def on_step(self, step: document_service_pb2.FetchDocumentsResponse) -> None:
        """CheckFailed ends the stream: nothing of it may be handed over."""
        try:
            self._on_step(step)
        except CheckFailed as error:
            raise CheckFailed(f"the broker broke the protocol: {error}") from error

    def finish(self, error: NaruError | None, asked_for: list[int]) -> FetchedCase:
        """The result, given how the call ended and which papers were asked for by number."""
        fetched = self._fetched
        if error is None and not self._over:
            error = NaruError("the stream has no end")
        fetched.error = error
        if isinstance(error, CheckFailed):
            for receiver in self._receivers.values():
                receiver.distrust(error)
        fetched.documents = [receiver.finish() for receiver in self._receivers.values()]
        if fetched.refusal is None:
            fetched.documents += [
                Document(paper_id=id, result=Result.MISMATCH, what="asked for, but not announced")
                for id in asked_for
                if id not in self._receivers
            ]
        return fetched

    def _on_step(self, step: document_service_pb2.FetchDocumentsResponse) -> None:
        first, self.begun = not self.begun, True
        if self._over:
            raise CheckFailed("a step after the last")
        name = step.WhichOneof("step")
        if name == "refusal":
            if not first:
                raise CheckFailed("a refusal in the middle")
            self._over = True
            self._fetched.refusal = step.refusal
        elif name == "started":
            self._on_started(step.started)
        elif not self._started:
            raise CheckFailed("a step before the first")
        elif name == "header":
            self._receiver(step.header.paper_id).on_header(step.header)
        elif name == "chunk":
            self._receiver(step.chunk.paper_id).on_chunk(step.chunk)
        elif name == "receipt":
            self._receiver(step.receipt.paper_id).on_receipt(step.receipt)
        elif name == "outcome":
            self._receiver(step.outcome.paper_id).on_outcome(step.outcome)
        elif name == "summary":
            self._on_summary(step.summary)
        else:
            raise CheckFailed("a step that this version does not know")

    def _receiver(self, paper_id: int) -> DocumentReceiver:
        if paper_id not in self._receivers:
            raise CheckFailed("a paper that it had not announced")
        return self._receivers[paper_id]

    def _on_started(self, started: document_service_pb2.FetchStarted) -> None:
        if self._started:
            raise CheckFailed("begun twice")
        self._started = True
        if not is_id(started.fetch_id):
            raise CheckFailed("the fetch id is none")
        if len(started.papers) > PAPERS_MAX:
            raise CheckFailed("too many papers")
        self._fetched.fetch_id = self._receiving.fetch_id = started.fetch_id
        self._fetched.repeated = self._receiving.repeated = started.repeated_request
        releases = [paper.release_id for paper in started.papers if paper.release_id]
        if len(set(releases)) != len(releases):
            raise CheckFailed("a release named twice")
        for announced in started.papers:
            paper_id = announced.paper.paper_id
            if paper_id in self._receivers:
                raise CheckFailed("a paper named twice")
            expected: ExpectedHeader | CheckFailed
            try:
                expected = expect_paper(
                    announced, self._papers.get(paper_id), self._own, self._catalogue
                )
            except CheckFailed as error:
                expected = error
            self._receivers[paper_id] = DocumentReceiver(self._receiving, announced, expected)

    def _on_summary(self, summary: document_service_pb2.FetchSummary) -> None:
        self._over = True
        self._fetched.summary = summary
        counts = Counter(receiver.outcome for receiver in self._receivers.values())
        if None in counts:
            raise CheckFailed("an end without every outcome")
        for outcome, count in (
            (common_pb2.OUTCOME_SENT, summary.sent),
            (common_pb2.OUTCOME_NO_RECORD, summary.no_record),
            (common_pb2.OUTCOME_DECLINED, summary.declined),
            (common_pb2.OUTCOME_NOT_PERMITTED, summary.not_permitted),
            (common_pb2.OUTCOME_DEFERRED, summary.deferred),
            (common_pb2.OUTCOME_FAILED, summary.failed),
        ):
            if counts[outcome] != count:
                raise CheckFailed("a summary of other outcomes")
