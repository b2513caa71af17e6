"""A client of a fake broker, for tests."""

import contextlib
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from fake_broker import CI, CONSENT_ID, FakeBroker
from naru import Client, FetchedCase, FetchOptions


class ClientCase(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        # Hundreds of checkpoints are kept here, and none has to outlive a power cut.
        self.enterContext(mock.patch("os.fsync"))
        self.broker = FakeBroker()
        self.open_client()

    def open_client(self) -> None:
        self.client = Client(self.broker.config(self.directory), channel=mock.Mock())
        self.client.consents = self.client.documents = self.broker  # type: ignore[assignment]

    def fetch(self, **options) -> FetchedCase:
        options = {"consent_id": CONSENT_ID, "person": CI, "affair": "LOAN", **options}
        options.setdefault("papers", [paper.paper for paper in self.broker.papers])
        fetched = self.client.fetch(FetchOptions(**options))
        self.addCleanup(fetched.close)
        return fetched

    @contextlib.contextmanager
    def fresh(self, **case):
        """A subtest with a broker and client of its own."""
        with self.subTest(**case):
            self.broker = FakeBroker()
            (self.directory / "checkpoint").unlink(missing_ok=True)
            self.open_client()
            yield self.broker
