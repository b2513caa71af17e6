"""What a requester gets when everybody is honest, and when something fails."""

import os
import unittest
from unittest import mock

import grpc

from client_case import ClientCase
from fake_broker import CATALOGUE, CONSENT_ID, FETCH_ID, FakeError, Step
from naru import CallFailed, CheckFailed, NotKept, Result, SettingsError
from naru.holder.v1 import holder_service_pb2 as holder_pb2
from naru.v1 import common_pb2, consent_service_pb2, document_service_pb2, error_reason_pb2


def error(reason: int, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE) -> FakeError:
    return FakeError(code, error_reason_pb2.ErrorDetail(reason=reason, next_step="Wait.", retry_after_ms=1))


class FetchTest(ClientCase):
    def test_hands_over_what_is_whole_and_checked(self) -> None:
        fetched = self.fetch()
        self.assertIsNone(fetched.error)
        self.assertEqual(fetched.fetch_id, FETCH_ID)
        self.assertEqual(fetched.summary.sent, 2)
        for document in fetched.documents:
            self.assertIs(document.result, Result.DELIVERED)
            self.assertEqual(len(document.body.read_all()), document.header.size_bytes)
            self.assertEqual(document.content.fields[0].value, "나시험")
            self.assertEqual(document.receipt.consent_id, CONSENT_ID)
        self.assertGreater(len(list(fetched.documents[0].body.chunks())), 1)

    def test_asks_with_a_nonce_of_its_own_and_the_checkpoint_it_knows(self) -> None:
        self.fetch()
        self.fetch()
        first, second = self.broker.requests
        self.assertEqual(len(first.nonce), 32)
        self.assertNotEqual(first.nonce, second.nonce)
        self.assertNotEqual(first.request_id, second.request_id)
        self.assertEqual((first.known_tree_size, second.known_tree_size), (0, 2))

    def test_keeps_the_checkpoint_for_the_next_process(self) -> None:
        self.fetch()
        self.assertEqual((self.directory / "checkpoint").stat().st_mode & 0o777, 0o600)
        self.open_client()
        self.fetch()
        self.assertEqual(self.broker.requests[-1].known_tree_size, 2)

    def test_does_not_begin_with_a_checkpoint_that_does_not_verify(self) -> None:
        self.fetch()
        with open(self.directory / "checkpoint", "a") as file:
            file.write("x")
        with self.assertRaisesRegex(SettingsError, "checkpoint_file"):
            self.open_client()

    def test_takes_papers_from_the_consent_when_it_is_given_none(self) -> None:
        fetched = self.fetch(papers=(), affair="")
        self.assertEqual([d.result for d in fetched.documents], [Result.DELIVERED] * 2)

    def test_a_body_of_another_media_type_is_handed_over_as_it_is(self) -> None:
        self.broker.papers[0].media_type = "application/pdf"
        self.broker.papers[0].raw_body = b"%PDF-1.7 " * 20_000
        document = self.fetch().documents[0]
        self.assertIs(document.result, Result.DELIVERED)
        self.assertIsNone(document.content)
        self.assertEqual(document.body.read_all(), b"%PDF-1.7 " * 20_000)

    def test_answers_without_a_document(self) -> None:
        for status, outcome, result in (
            (holder_pb2.ANSWER_STATUS_NO_RECORD, common_pb2.OUTCOME_NO_RECORD, Result.NO_RECORD),
            (holder_pb2.ANSWER_STATUS_DECLINED, common_pb2.OUTCOME_DECLINED, Result.DECLINED),
            (holder_pb2.ANSWER_STATUS_DEFERRED, common_pb2.OUTCOME_DEFERRED, Result.DEFERRED),
        ):
            with self.fresh(result=result) as broker:
                broker.papers[0].status, broker.papers[0].outcome = status, outcome
                document = self.fetch().documents[0]
                self.assertIs(document.result, result, document.what)
                self.assertEqual(document.header.status, status)
                self.assertIsNone(document.body)
                self.assertEqual(document.receipt is not None, result is Result.NO_RECORD)

    def test_the_brokers_no_and_its_fault(self) -> None:
        def ended(outcome: int, name: str):
            def change(steps: list) -> None:
                steps[:] = [s for s in steps if s.WhichOneof("step") in ("started", "summary")]
                summary = steps[-1].summary
                summary.Clear()
                setattr(summary, name, 2)
                for paper_id in (1, 2):
                    step = Step()
                    step.outcome.paper_id, step.outcome.outcome = paper_id, outcome
                    step.outcome.refusal.reason = error_reason_pb2.REFUSAL_REASON_CONSENT_DENIED
                    steps.insert(-1, step)

            return change

        for outcome, name, result in (
            (common_pb2.OUTCOME_NOT_PERMITTED, "not_permitted", Result.NOT_PERMITTED),
            (common_pb2.OUTCOME_FAILED, "failed", Result.FAILED),
        ):
            with self.fresh(result=result) as broker:
                broker.steps = ended(outcome, name)
                fetched = self.fetch()
                self.assertIsNone(fetched.error)
                self.assertEqual([d.result for d in fetched.documents], [result] * 2)
                self.assertEqual(
                    fetched.documents[0].refusal.reason,
                    error_reason_pb2.REFUSAL_REASON_CONSENT_DENIED,
                )

    def test_a_fetch_that_is_refused_as_a_whole(self) -> None:
        def refuse(steps: list) -> None:
            del steps[1:]
            steps[0].refusal.reason = error_reason_pb2.REFUSAL_REASON_CONSENT_WITHDRAWN

        self.broker.steps = refuse
        fetched = self.fetch(paper_ids=[1])
        self.assertEqual(
            fetched.refusal.reason, error_reason_pb2.REFUSAL_REASON_CONSENT_WITHDRAWN
        )
        self.assertEqual(fetched.documents, [])

    def test_a_repeat_has_receipts_and_no_bodies(self) -> None:
        self.broker.repeated = True
        fetched = self.fetch()
        self.assertTrue(fetched.repeated)
        for document in fetched.documents:
            self.assertIs(document.result, Result.REPEATED)
            self.assertIsNotNone(document.receipt)
            self.assertIsNone(document.body)

    def test_more_than_the_fetch_may_have_in_all(self) -> None:
        fetched = self.fetch(max_total_bytes=150_000)
        self.assertEqual(
            [d.result for d in fetched.documents], [Result.TOO_LARGE, Result.DELIVERED]
        )

    def test_a_stream_that_breaks_keeps_what_was_whole(self) -> None:
        def breaks(steps: list) -> None:
            outcomes = [n for n, step in enumerate(steps) if step.WhichOneof("step") == "outcome"]
            steps[outcomes[0] + 2 :] = [error(error_reason_pb2.ERROR_REASON_NOT_READY)]

        self.broker.steps = breaks
        fetched = self.fetch()
        self.assertEqual(
            [d.result for d in fetched.documents], [Result.DELIVERED, Result.INTERRUPTED]
        )
        self.assertIsInstance(fetched.error, CallFailed)
        self.assertEqual(len(self.broker.requests), 1)  # Something had come: it is not tried again.

    def test_a_stream_without_an_end_is_an_error(self) -> None:
        self.broker.steps = lambda steps: steps.pop()
        fetched = self.fetch()
        self.assertRegex(str(fetched.error), "no end")
        self.assertEqual([d.result for d in fetched.documents], [Result.DELIVERED] * 2)

    def test_unavailable_is_tried_again_with_the_same_request(self) -> None:
        self.broker.failures = [error(error_reason_pb2.ERROR_REASON_OVERLOADED)] * 2
        with mock.patch("time.sleep") as sleep:
            self.assertIs(self.fetch().documents[0].result, Result.DELIVERED)
        self.assertEqual(sleep.call_count, 2)
        self.assertEqual(len(self.broker.requests), 3)
        self.assertEqual(len({r.SerializeToString() for r in self.broker.requests}), 1)

    def test_tries_are_bounded_and_other_errors_are_not_tried_again(self) -> None:
        unavailable = [error(error_reason_pb2.ERROR_REASON_OVERLOADED)] * 9
        denied = [error(error_reason_pb2.ERROR_REASON_ROLE_NOT_ALLOWED, grpc.StatusCode.PERMISSION_DENIED)]
        for failures, tries in ((unavailable, 4), (denied, 1)):
            with self.fresh(tries=tries) as broker, mock.patch("time.sleep"):
                broker.failures = failures
                with self.assertRaises(CallFailed) as failed:
                    self.fetch()
                self.assertEqual(len(broker.requests), tries)
                self.assertEqual(failed.exception.detail.next_step, "Wait.")

    def test_a_checkpoint_that_cannot_be_kept_is_no_mismatch_and_no_delivery(self) -> None:
        with mock.patch("naru.checkpoint._write_whole", side_effect=OSError("full")):
            fetched = self.fetch()
        for document in fetched.documents:
            self.assertIs(document.result, Result.INTERRUPTED)
            self.assertIsNone(document.body)

    def test_a_disk_without_room_is_no_mismatch(self) -> None:
        with mock.patch("naru.receiver.SealedFile.append", side_effect=OSError(28, "No space")):
            self.assertIs(self.fetch().documents[0].result, Result.INTERRUPTED)

    def test_acknowledges_what_arrived_and_what_did_not_match(self) -> None:
        def other(header) -> None:
            header.nonce = b"n" * 32

        self.broker.papers[1].header = other
        self.client.acknowledge(self.fetch())
        arrivals = self.broker.acknowledged[0].arrivals
        self.assertEqual(
            [(a.paper_id, a.arrival, a.reason) for a in arrivals],
            [
                (1, common_pb2.ARRIVAL_ARRIVED, error_reason_pb2.REFUSAL_REASON_UNSPECIFIED),
                (2, common_pb2.ARRIVAL_MISMATCH, error_reason_pb2.REFUSAL_REASON_SUBJECT_MISMATCH),
            ],
        )

    def test_no_temporary_file_has_a_name(self) -> None:
        before = set(os.listdir(self.directory))
        fetched = self.fetch()
        self.assertIs(fetched.documents[0].result, Result.DELIVERED)
        self.assertEqual(set(os.listdir(self.directory)) - before - {"checkpoint"}, set())

    def test_options_that_no_call_can_be_made_of(self) -> None:
        for options in ({"consent_id": "x"}, {"nonce": b"short"}, {"person": ""}):
            with self.subTest(options), self.assertRaises(SettingsError):
                self.fetch(**options)
        self.assertEqual(self.broker.requests, [])


class SettingsTest(ClientCase):
    def test_a_catalogue_may_lie_in_the_files_of_a_folder(self) -> None:
        config = self.broker.config(self.directory)
        folder = self.directory / "catalogue"
        folder.mkdir()
        affairs = CATALOGUE.partition("affairs")[2]
        text = (self.directory / "catalogue.textproto").read_text()
        (folder / "a.textproto").write_text(text.partition("affairs")[0])
        (folder / "b.textproto").write_text("affairs" + affairs)
        (folder / "c.textproto").write_text("receipt_keys" + text.partition("receipt_keys")[2])
        config.catalogue_file = str(folder)
        self.client = type(self.client)(config, channel=mock.Mock())
        self.client.documents = self.broker  # type: ignore[assignment]
        self.assertIs(self.fetch().documents[1].result, Result.DELIVERED)

    def test_names_what_is_wrong(self) -> None:
        good = self.broker.config(self.directory)
        for field, value, what in (
            ("identity", "urn:naru:nobody", "identity"),
            ("catalogue_file", "/none", "catalogue_file"),
            ("ledger_verifier_keys", [], "ledger_verifier_keys"),
            ("ledger_verifier_keys", ["a+b+c"], "verifier key"),
            ("ledger_verifier_keys", list(good.ledger_verifier_keys)[:1] * 2, "twice"),
        ):
            with self.subTest(field=field):
                config = type(good)()
                config.CopyFrom(good)
                config.ClearField(field)
                config.MergeFrom(type(good)(**{field: value}))
                with self.assertRaisesRegex(SettingsError, what):
                    type(self.client)(config, channel=mock.Mock())


class ErrorTest(unittest.TestCase):
    def test_says_reason_and_next_step(self) -> None:
        detail = error_reason_pb2.ErrorDetail(
            reason=error_reason_pb2.ERROR_REASON_FIELD_MALFORMED, field="nonce", next_step="Send 32 bytes."
        )
        failed = CallFailed(FakeError(grpc.StatusCode.INVALID_ARGUMENT, detail))
        self.assertEqual(failed.detail, detail)
        self.assertRegex(str(failed), "INVALID_ARGUMENT.*FIELD_MALFORMED, nonce.*Send 32 bytes")

    def test_an_error_without_a_detail_or_with_nonsense_has_none(self) -> None:
        bare = FakeError(grpc.StatusCode.INTERNAL)
        self.assertIsNone(CallFailed(bare).detail)
        for details in (b"\xff\xff", b"", b"\x1a\x02\x0a\x00"):
            with mock.patch.object(bare, "_metadata", (("grpc-status-details-bin", details),)):
                self.assertIsNone(CallFailed(bare).detail)

    def test_reasons_to_mistrust_are_told_apart_from_what_may_be_tried_again(self) -> None:
        self.assertFalse(issubclass(NotKept, CheckFailed))
        self.assertFalse(issubclass(CallFailed, CheckFailed))


class MessageTest(unittest.TestCase):
    def test_stubs_cover_the_protos(self) -> None:
        self.assertTrue(hasattr(consent_service_pb2, "CheckConsentRequest"))
        self.assertTrue(hasattr(document_service_pb2, "ResumeDocumentRequest"))


if __name__ == "__main__":
    unittest.main()
