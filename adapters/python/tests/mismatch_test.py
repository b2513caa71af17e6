"""P3 on the requester's side: what is mixed up, changed, left out or not proven is never handed over.

Each case misbehaves about paper 1. Where a holder or a broker is the culprit, it signs what it changed:
only the one thing is wrong.
"""

import contextlib
import unittest

from client_case import ClientCase
from fake_broker import OTHER_CI, SigningKey, Step
from field_flips import flips
from naru import FetchedCase, Result
from naru import header as header_module
from naru.holder.v1 import holder_service_pb2 as holder_pb2
from naru.v1 import common_pb2, document_service_pb2, error_reason_pb2

# What a requester has no way to know, and takes from the one who signs it. A new field of a message must
# be checked by the package or be named here.
FREE_OF_HEADER = {"media_type"}
FREE_OF_RECEIPT = {"time.seconds", "time.nanos", "time:cleared"}
FREE_OF_ENTRY = {
    "time", "affair", "decisions", "state", "evidence", "text_sha256", "outcome", "refusal_reason",
    "ground", "caller", "reference", "reference_sha256", "checks", "uses_left", "case_verified",
    "request_sha256", "valid_until", "policy_generation", "from_chunk",
}  # fmt: skip
FREE_OF_STEPS = {
    "outcome.ledger_index", "outcome.time", "outcome.refusal", "outcome.signed_answer",
    "summary.uses_left",
}  # fmt: skip
# A paper about the person need not name the person.
SAID_OTHERWISE = {"started.papers[0].paper.subject:cleared"}


def name_of(path: str) -> str:
    """The field itself: "time:set" is "time"."""
    return path.partition(":")[0]


def step_of(steps: list, name: str, paper_id: int = 1) -> Step:
    return next(
        step
        for step in steps
        if step.WhichOneof("step") == name and getattr(step, name).paper_id == paper_id
    )


class P3_Mismatch(ClientCase):  # noqa: N801 (tests name the promise)
    def assert_not_handed_over(self, fetched: FetchedCase, what: str = "") -> None:
        for document in fetched.documents:
            if document.paper_id != 1:
                continue
            self.assertIs(document.result, Result.MISMATCH, document.what)
            self.assertIn(what, document.what)
            self.assertIsNone(document.body)
            self.assertIsNone(document.content)
            self.assertIsNone(document.header)
            self.assertIsNone(document.receipt)
        if not fetched.documents:
            self.assertIsNotNone(fetched.error)

    def test_every_field_of_the_header(self) -> None:
        honest = []
        self.broker.papers[0].header = honest.append
        self.fetch()
        for path, flip in flips(honest[0]):
            with self.fresh(field=path) as broker:
                broker.papers[0].header = flip
                fetched = self.fetch()
                if path in FREE_OF_HEADER:
                    self.assertIs(fetched.documents[0].result, Result.DELIVERED)
                else:
                    self.assert_not_handed_over(fetched)
                    self.assertIs(fetched.documents[1].result, Result.DELIVERED)

    def test_every_field_of_the_receipt_and_its_proof(self) -> None:
        honest = []
        self.broker.papers[0].receipt = honest.append
        self.fetch()
        self.fetch()  # So that the second has a consistency proof.
        for path, flip in flips(honest[1]):
            with self.fresh(field=path) as broker:
                self.assertIs(self.fetch().documents[0].result, Result.DELIVERED)
                broker.papers[0].receipt = flip
                fetched = self.fetch()
                if path in FREE_OF_RECEIPT:
                    self.assertIs(fetched.documents[0].result, Result.DELIVERED)
                else:
                    self.assert_not_handed_over(fetched)

    def test_every_field_of_the_ledger_entry(self) -> None:
        honest = []
        self.broker.papers[0].entry = honest.append
        self.fetch()
        for path, flip in flips(honest[0]):
            with self.fresh(field=path) as broker:
                broker.papers[0].entry = flip
                fetched = self.fetch()
                if name_of(path) in FREE_OF_ENTRY:
                    self.assertIs(fetched.documents[0].result, Result.DELIVERED)
                else:
                    self.assert_not_handed_over(fetched, "ledger entry")

    def test_every_field_of_every_step(self) -> None:
        steps: list[Step] = []
        self.broker.steps = steps.extend
        self.fetch()
        of_paper_1 = [
            (number, path, flip)
            for number, step in enumerate(steps)
            for path, flip in flips(step)
            if ":set" not in path  # Another step in its place: the oneof's business.
            and getattr(getattr(step, step.WhichOneof("step")), "paper_id", 1) == 1
            and not path.startswith("started.papers[1]")
        ]
        self.assertGreater(len(of_paper_1), 30)
        for number, path, flip in of_paper_1:
            with self.fresh(field=path, step=number) as broker:
                broker.steps = lambda steps, n=number, f=flip: f(steps[n])
                fetched = self.fetch()
                if name_of(path) in FREE_OF_STEPS or path in SAID_OTHERWISE:
                    self.assertIs(fetched.documents[0].result, Result.DELIVERED)
                else:
                    self.assert_not_handed_over(fetched)

    def test_every_step_left_out_said_twice_or_in_another_place(self) -> None:
        for number in range(len(self.broker_steps())):
            for what in ("left out", "twice", "last", "swapped"):
                with self.fresh(step=number, what=what) as broker:
                    honest = len(self.broker_steps())
                    if number >= honest - 1 and what in ("last", "swapped"):
                        continue

                    def change(steps: list, n: int = number, what: str = what) -> None:
                        if what == "left out":
                            del steps[n]
                        elif what == "twice":
                            steps.insert(n, steps[n])
                        elif what == "last":
                            steps.append(steps.pop(n))
                        else:
                            steps[n], steps[n + 1] = steps[n + 1], steps[n]

                    broker.steps = change
                    fetched = self.fetch()
                    results = [document.result for document in fetched.documents]
                    if results != [Result.DELIVERED] * 2:
                        continue
                    # Papers stand when only the end is missing, and two papers' steps may change places.
                    if what == "swapped":
                        self.assertIn(number, self.borders())
                    else:
                        self.assertEqual((what, number), ("left out", honest - 1))
                        self.assertRegex(str(fetched.error), "no end")

    def broker_steps(self) -> list:
        steps: list = []
        self.broker.steps = steps.extend
        self.fetch()
        self.broker.steps = lambda steps: None
        return steps

    def borders(self) -> list[int]:
        """Where one paper's steps end and the next paper's begin."""
        steps = self.broker_steps()
        papers = [getattr(getattr(s, s.WhichOneof("step")), "paper_id", 0) for s in steps]
        return [n for n in range(1, len(papers) - 2) if papers[n] != papers[n + 1]]

    def test_another_persons_document_with_a_valid_chain_of_its_own(self) -> None:
        def about_another(header: holder_pb2.DocumentHeader) -> None:
            other = common_pb2.Subject(type=common_pb2.SUBJECT_TYPE_PERSON, number=OTHER_CI)
            header.subject_binding = header_module.subject_binding(header.nonce, other)
            header.person_binding = header.subject_binding

        self.broker.papers[0].header = about_another
        fetched = self.fetch()
        self.assert_not_handed_over(fetched, "subject binding")
        self.assertEqual(
            fetched.documents[0].mismatch_reason, error_reason_pb2.REFUSAL_REASON_SUBJECT_MISMATCH
        )

    def test_the_right_header_over_another_persons_body(self) -> None:
        def of_another(body) -> None:
            body.subject.number = OTHER_CI

        self.broker.papers[0].body = of_another
        self.assert_not_handed_over(self.fetch(), "body: another subject")

    def test_every_field_of_a_json_body_that_its_header_says_too(self) -> None:
        honest = []
        self.broker.papers[0].body = honest.append
        self.fetch()
        compared = {
            "document_kind", "document_number", "issue_time", "holder", "subject", "parameters", "fields",
        }  # fmt: skip
        for path, flip in flips(honest[0]):
            top = path.partition(".")[0].partition("[")[0].partition(":")[0]
            inside_a_field = path.startswith("fields[0].") and path != "fields[0].name"
            with self.fresh(field=path) as broker:
                broker.papers[0].body = flip
                fetched = self.fetch()
                if top in compared and not inside_a_field:
                    self.assert_not_handed_over(fetched, "body")
                else:
                    self.assertIs(fetched.documents[0].result, Result.DELIVERED)

    def test_a_json_body_that_is_no_document(self) -> None:
        for body in (b"{}", b"[]", b"{", b"\xff", b'{"unknown": 1}'):
            with self.fresh(body=body) as broker:
                broker.papers[0].raw_body = body
                self.assert_not_handed_over(self.fetch(), "body")

    def test_a_header_field_that_nobody_knows(self) -> None:
        self.broker.papers[0].header = lambda header: header.MergeFromString(b"\xf8\x3f\x01")
        self.assert_not_handed_over(self.fetch(), "not known")

    def test_keys_that_are_not_the_holders_or_the_brokers(self) -> None:
        for name, what in (("holder_key", "holder"), ("receipt_key", "receipt")):
            with self.fresh(key=name) as broker:
                setattr(broker, name, SigningKey(getattr(broker, name).key_id))
                self.assert_not_handed_over(self.fetch(), what)

    def test_a_holders_key_does_not_sign_receipts_nor_a_receipt_key_headers(self) -> None:
        self.broker.holder_key, self.broker.receipt_key = self.broker.receipt_key, self.broker.holder_key
        self.assert_not_handed_over(self.fetch())

    def test_a_checkpoint_that_one_pinned_key_did_not_sign(self) -> None:
        for signers in ((), (0,), (1,)):
            with self.fresh(signers=signers) as broker:

                def signed_by_some(receipt, broker=broker, signers=signers) -> None:
                    receipt.proof.checkpoint = broker.ledger.note(receipt.proof.tree_size, signers)

                broker.papers[0].receipt = signed_by_some
                self.assert_not_handed_over(self.fetch(), "checkpoint")

    def test_P5_a_ledger_that_forked(self) -> None:  # noqa: N802
        self.fetch()
        self.broker.ledger.leaves[0] = b"f" * 32
        for document in self.fetch().documents:
            self.assertIs(document.result, Result.MISMATCH)
            self.assertIn("consistency", document.what)

    def test_P5_a_ledger_older_than_the_checkpoint_kept(self) -> None:  # noqa: N802
        self.fetch()
        self.open_client()  # The checkpoint is kept in a file.
        del self.broker.ledger.leaves[:]
        self.broker.papers = self.broker.papers[:1]
        self.assert_not_handed_over(self.fetch(), "consistency")

    def test_a_paper_that_was_not_asked_for(self) -> None:
        fetched = self.fetch(paper_ids=[2])
        self.assert_not_handed_over(fetched, "not asked for")
        self.assertIs(fetched.documents[1].result, Result.DELIVERED)

    def test_a_paper_that_was_asked_for_and_left_out(self) -> None:
        papers = [paper.paper for paper in self.broker.papers]
        del self.broker.papers[0]
        fetched = self.fetch(paper_ids=[1, 2], papers=papers)
        self.assertEqual([document.paper_id for document in fetched.documents], [2, 1])
        self.assert_not_handed_over(fetched, "not announced")

    def test_the_person_is_the_callers_also_when_the_consent_names_the_papers(self) -> None:
        for document in self.fetch(papers=(), person=OTHER_CI).documents:
            self.assertIs(document.result, Result.MISMATCH)

    def test_larger_than_the_kind_allows(self) -> None:
        self.broker.papers[0].text = "x" * 1_000_001
        self.assert_not_handed_over(self.fetch(), "larger than allowed")

    def test_answers_without_a_document(self) -> None:
        answers = (
            (holder_pb2.ANSWER_STATUS_NO_RECORD, common_pb2.OUTCOME_NO_RECORD),
            (holder_pb2.ANSWER_STATUS_DECLINED, common_pb2.OUTCOME_DECLINED),
            (holder_pb2.ANSWER_STATUS_DEFERRED, common_pb2.OUTCOME_DEFERRED),
        )
        for status, outcome in answers:
            honest: list[holder_pb2.DocumentHeader] = []
            with self.fresh(status=status) as broker:
                broker.papers[0].status, broker.papers[0].outcome = status, outcome
                broker.papers[0].header = honest.append
                self.fetch()
            free = {"issue_time:set", "decline_ground", "deferral.reason", "deferral.owner",
                    "deferral.eta:set"} if status != holder_pb2.ANSWER_STATUS_NO_RECORD else {
                    "issue_time:set"}  # fmt: skip
            for path, flip in flips(honest[0]):
                if path in free or (path == "decline_code" and status == answers[1][0]):
                    continue
                with self.fresh(status=status, field=path) as broker:
                    broker.papers[0].status, broker.papers[0].outcome = status, outcome
                    broker.papers[0].header = flip
                    self.assert_not_handed_over(self.fetch(), "header")
            for other, _ in answers:
                if other != status:
                    with self.fresh(status=other, outcome=outcome) as broker:
                        broker.papers[0].status, broker.papers[0].outcome = other, outcome
                        self.assert_not_handed_over(self.fetch())

    def test_an_answer_that_nobody_signed(self) -> None:
        def unsigned(steps: list) -> None:
            step_of(steps, "outcome").outcome.signed_answer.ClearField("signature")

        self.broker.papers[0].status = holder_pb2.ANSWER_STATUS_DECLINED
        self.broker.papers[0].outcome = common_pb2.OUTCOME_DECLINED
        self.broker.steps = unsigned
        self.assert_not_handed_over(self.fetch(), "not signed")

    def test_a_repeat_proves_its_receipts_too(self) -> None:
        self.broker.repeated = True

        def of_another(entry) -> None:
            entry.requester = "3210000"

        self.broker.papers[0].entry = of_another
        fetched = self.fetch()
        self.assert_not_handed_over(fetched, "requester")
        self.assertIs(fetched.documents[1].result, Result.REPEATED)

    def test_a_stream_that_breaks_the_order_is_cut_off_and_nothing_of_it_counts(self) -> None:
        def strange(steps: list) -> None:
            extra = Step()
            extra.chunk.MergeFrom(document_service_pb2.DocumentChunk(paper_id=7))
            steps.insert(-1, extra)

        self.broker.steps = strange
        fetched = self.fetch()
        self.assertTrue(self.broker.call.cancelled)
        for document in fetched.documents:
            self.assertIs(document.result, Result.MISMATCH)
            self.assertIsNone(document.body)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        unittest.main()
