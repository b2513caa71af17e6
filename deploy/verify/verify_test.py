"""verify.py passes what is whole and finds every tampering. The ledger, keys and papers here are
made by this file alone: neither Naru's code nor verify.py's is used to make them, but for the hash
of the tree, which known answers check first."""

import base64
import contextlib
import hashlib
import hmac
import io
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import verify  # noqa: E402

ORIGIN = "naru.example/ledger/0"
CI = b"c" * 86 + b"=="
ENTRIES = 700  # Two whole tiles and a part of a third.


def sha256(data):
    return hashlib.sha256(data).digest()


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def message(values):
    """Serializes (number, int or bytes or str) pairs."""
    out = b""
    for number, value in values:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def b64(data):
    return base64.b64encode(data).decode()


def tree(hashes_):
    """RFC 6962 section 2.1, as it is written there."""
    if not hashes_:
        return sha256(b"")
    if len(hashes_) == 1:
        return hashes_[0]
    k = 1
    while k * 2 < len(hashes_):
        k *= 2
    return sha256(b"\x01" + tree(hashes_[:k]) + tree(hashes_[k:]))


def path(index, hashes_):
    """RFC 6962 section 2.1.1, as it is written there."""
    if len(hashes_) == 1:
        return []
    k = 1
    while k * 2 < len(hashes_):
        k *= 2
    if index < k:
        return path(index, hashes_[:k]) + [tree(hashes_[k:])]
    return path(index - k, hashes_[k:]) + [tree(hashes_[:k])]


class World:
    """A ledger, its publisher, a holder and a requester's folder of papers."""

    def __init__(self, directory):
        self.directory = directory
        self.ed25519 = ed25519.Ed25519PrivateKey.generate()
        self.ecdsa = ec.generate_private_key(ec.SECP256R1())
        self.holder = ec.generate_private_key(ec.SECP256R1())
        self.receipt = ec.generate_private_key(ec.SECP256R1())
        self.leaves = []
        for name in ("ledger", "papers", "keys"):
            (directory / name).mkdir()
        self.write_pem("1210000-1", self.holder)
        self.write_pem("receipt-1", self.receipt)
        self.write_verifier_keys()
        self.add_others(ENTRIES - 20)
        self.add_paper(1, "INCOME", b"income " * 30000)
        self.add_paper(2, "FAMILY", None)
        self.add_paper(3, "BUSINESS", b"small")
        self.add_others(ENTRIES - len(self.leaves))
        self.publish()

    def write_pem(self, name, key):
        pem = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (self.directory / "keys" / f"{name}.pem").write_bytes(pem)

    def write_verifier_keys(self):
        raw = self.ed25519.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        der = self.ecdsa.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.ed25519_id = sha256(ORIGIN.encode() + b"\n\x01" + raw)[:4]
        self.ecdsa_id = sha256(der)[:4]
        (self.directory / "verifier_keys").write_text(
            f"{ORIGIN}+{self.ed25519_id.hex()}+{b64(bytes([1]) + raw)}\n"
            f"{ORIGIN}+{self.ecdsa_id.hex()}+{b64(bytes([2]) + der)}\n"
        )

    def hashes(self):
        return [sha256(b"\x00" + leaf) for leaf in self.leaves]

    def checkpoint(self, root=None):
        text = f"{ORIGIN}\n{len(self.leaves)}\n{b64(root or tree(self.hashes()))}\n"
        first = self.ed25519.sign(text.encode())
        second = self.ecdsa.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
        return (
            f"{text}\n"
            f"\u2014 {ORIGIN} {b64(self.ed25519_id + first)}\n"
            f"\u2014 {ORIGIN} {b64(self.ecdsa_id + second)}\n"
        )

    def add_others(self, count):
        for i in range(count):
            self.leaves.append(sha256(f"other {len(self.leaves)} {i}".encode()))

    def signed(self, key, context, data):
        signature = key.sign(context.encode() + b"\n" + data, ec.ECDSA(hashes.SHA256()))
        return {
            "bytes": b64(data),
            "algorithm": "ES256",
            "key_id": "any",
            "signature": b64(signature),
        }

    def header(self, release, kind, body, nonce):
        person = hmac.new(nonce, b"\x01" + len(CI).to_bytes(2, "big") + CI, hashlib.sha256).digest()
        values = [
            (1, "naru-document-header-v1"),
            (2, nonce),
            (3, release),
            (4, "1210000"),
            (5, "B553077"),
            (6, kind),
            (8, 1 if body is not None else 2),
            (9, person),
            (10, person),
        ]
        if body is not None:
            values += [(12, "number"), (15, len(body)), (16, sha256(body)), (17, 65536)]
            values += [(18, sha256(body[i : i + 65536])) for i in range(0, len(body), 65536)]
        return message(values)

    def add_paper(self, paper_id, kind, body, entry_changes=(), receipt_changes=()):
        release, nonce = f"release-{paper_id}", bytes([paper_id]) * 32
        header = self.header(release, kind, body, nonce)
        entry = {
            1: 10 if body is not None else 11,
            3: "consent",
            4: release,
            5: "fetch",
            6: "B553077",
            7: "1210000",
            9: paper_id,
            10: kind,
            17: sha256(header),
            18: sha256(body) if body is not None else b"",
        }
        entry.update(entry_changes)
        outer = message(sorted(entry.items()))
        salt, inner = bytes([paper_id]) * 16, sha256(b"inner")
        self.leaves.append(sha256(b"\x11" + salt + inner + outer))
        index, note = len(self.leaves) - 1, self.checkpoint()
        steps = path(index, self.hashes())
        proof = [(1, ORIGIN), (2, index), (3, outer), (4, salt), (5, inner)]
        proof += [(6, step) for step in steps] + [(7, len(self.leaves)), (8, note)]
        receipt = {
            1: "naru-receipt-v1",
            2: release,
            3: "fetch",
            4: "consent",
            5: "B553077",
            6: "1210000",
            7: paper_id,
            8: kind,
            9: message(proof),
            10: sha256(header),
            12: nonce,
        }
        receipt.update(receipt_changes)
        paper = {
            "paper_id": paper_id,
            "kind": kind,
            "result": "DELIVERED" if body is not None else "NO_RECORD",
            "holder": "1210000",
            "requester": "B553077",
            "release_id": release,
            "consent_id": "consent",
            "fetch_id": "fetch",
            "nonce": nonce.hex(),
            "header": self.signed(self.holder, "naru-document-header-v1", header),
            "receipt": self.signed(
                self.receipt, "naru-receipt-v1", message(sorted(receipt.items()))
            ),
            "ledger": {
                "origin": ORIGIN,
                "index": index,
                "tree_size": len(self.leaves),
                "outer": b64(outer),
                "outer_salt": salt.hex(),
                "inner_hash": inner.hex(),
                "inclusion_path": [step.hex() for step in steps],
                "checkpoint": note,
            },
        }
        if body is not None:
            paper["body"] = {"file": f"{paper_id}.bin"}
            (self.directory / "papers" / f"{paper_id}.bin").write_bytes(body)
        self.write_paper(paper_id, paper)

    def write_paper(self, paper_id, paper):
        (self.directory / "papers" / f"{paper_id}.receipt.json").write_text(json.dumps(paper))

    def read_paper(self, paper_id):
        return json.loads((self.directory / "papers" / f"{paper_id}.receipt.json").read_text())

    def publish(self):
        ledger = self.directory / "ledger"
        level, below = 0, self.hashes()
        while True:
            for start in range(0, len(below), 256):
                self.write_tile(ledger / "tile" / str(level), start, b"".join(below[start:][:256]),
                                len(below[start:][:256]))
            if len(below) < 256:
                break
            whole = len(below) // 256
            below = [tree(below[i * 256 : (i + 1) * 256]) for i in range(whole)]
            level += 1
        for start in range(0, len(self.leaves), 256):
            part = self.leaves[start : start + 256]
            data = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in part)
            self.write_tile(ledger / "tile" / "entries", start, data, len(part))
        (ledger / "checkpoint").write_text(self.checkpoint())

    def write_tile(self, folder, start, data, width):
        name = f"{start // 256:03d}"
        target = folder / name if width == 256 else folder / f"{name}.p" / str(width)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def flip(file, at):
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)


class VerifyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.whole = pathlib.Path(tempfile.mkdtemp())
        cls.world = World(cls.whole)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.whole)

    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp())
        self.copy = self.base / "copy"
        shutil.copytree(self.whole, self.copy)
        self.addCleanup(shutil.rmtree, self.base)

    def run_verify(self, *more, ledger=True, papers=True):
        arguments = ["--verifier-keys", str(self.copy / "verifier_keys")]
        if ledger:
            arguments += ["--ledger", str(self.copy / "ledger")]
        if papers:
            arguments += ["--papers", str(self.copy / "papers"), "--keys", str(self.copy / "keys")]
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            status = verify.main(arguments + list(more))
        return status, out.getvalue()

    def expect_found(self, what, **which):
        status, out = self.run_verify(**which)
        self.assertEqual(status, 1, out)
        self.assertRegex(out, f"FAIL .*{what}")

    def change_paper(self, paper_id, change):
        file = self.copy / "papers" / f"{paper_id}.receipt.json"
        paper = json.loads(file.read_text())
        change(paper)
        file.write_text(json.dumps(paper))

    def test_whole_passes(self):
        status, out = self.run_verify()
        self.assertEqual(status, 0, out)
        self.assertNotIn("FAIL", out)
        self.assertIn("0 failed", out)
        self.assertEqual(self.run_verify(ledger=False)[0], 0)
        self.assertEqual(self.run_verify(papers=False)[0], 0)

    def test_known_answers_of_the_tree(self):
        # RFC 6962: the empty tree, and one of two leaves.
        self.assertEqual(verify.root_of([]).hex()[:16], "e3b0c44298fc1c14")
        self.assertEqual(
            verify.leaf_hash(b"").hex(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        )
        for count in (1, 2, 3, 7, 8, 255, 256, 257, 300):
            leaves = [sha256(bytes([i % 256, i // 256])) for i in range(count)]
            self.assertEqual(verify.root_of(leaves), tree(leaves))
            for index in {0, count // 2, count - 1}:
                self.assertEqual(
                    verify.root_from_path(index, count, leaves[index], path(index, leaves)),
                    tree(leaves),
                )

    def test_person(self):
        person = self.base / "ci"
        person.write_bytes(CI + b"\n")
        self.assertEqual(self.run_verify("--person-file", str(person))[0], 0)
        person.write_bytes(b"d" + CI[1:])
        status, out = self.run_verify("--person-file", str(person))
        self.assertEqual(status, 1)
        self.assertIn("another person", out)

    def test_ledger_tampering(self):
        ledger = self.copy / "ledger"
        cases = {
            "checkpoint": (ledger / "checkpoint", "checkpoint"),
            "entry": (ledger / "tile" / "entries" / "001", "root"),
            "last entry": (ledger / "tile" / "entries" / "002.p" / str(ENTRIES - 512), "root"),
            "tile": (ledger / "tile" / "0" / "000", "level 0"),
            "upper tile": (ledger / "tile" / "1" / "000.p" / "2", "level 1"),
        }
        for name, (file, what) in cases.items():
            with self.subTest(name):
                before = file.read_bytes()
                try:
                    # Inside a hash: 34 bytes an entry, two of them its length.
                    flip(file, len(before) // 68 * 34 + 5)
                    self.expect_found(what, papers=False)
                    file.unlink()
                    self.expect_found("", papers=False)
                finally:
                    file.write_bytes(before)
        self.assertEqual(self.run_verify()[0], 0)

    def test_entry_bundle_cut_off(self):
        file = self.copy / "ledger" / "tile" / "entries" / "000"
        whole = file.read_bytes()
        for data in (whole[:-1], whole[:-34], whole + whole[:34], b"\xff" + whole[1:]):
            file.write_bytes(data)
            self.expect_found("entry bundle", papers=False)

    def test_checkpoint_of_one_key_alone(self):
        file = self.copy / "ledger" / "checkpoint"
        lines = file.read_text().splitlines(keepends=True)
        for drop in (-1, -2):
            with self.subTest(drop):
                kept = [line for i, line in enumerate(lines) if i != len(lines) + drop]
                file.write_text("".join(kept))
                self.expect_found("did not sign", papers=False)

    def test_signed_checkpoint_of_another_root(self):
        (self.copy / "ledger" / "checkpoint").write_text(self.world.checkpoint(b"r" * 32))
        self.expect_found("another root", papers=False)

    def test_body_tampering(self):
        flip(self.copy / "papers" / "1.bin", 70000)
        self.expect_found("digest of the body")

    def test_body_missing(self):
        (self.copy / "papers" / "1.bin").unlink()
        self.expect_found("body")

    def test_bodies_of_two_papers_swapped(self):
        papers = self.copy / "papers"
        first, third = (papers / "1.bin").read_bytes(), (papers / "3.bin").read_bytes()
        (papers / "1.bin").write_bytes(third)
        (papers / "3.bin").write_bytes(first)
        self.expect_found("another size")

    def test_every_field_of_a_receipt_file(self):
        """Whatever is changed in a receipt file, something is found."""
        before = json.loads((self.copy / "papers" / "1.receipt.json").read_text())
        ignored = {("header", "key_id"), ("receipt", "key_id")}

        def visit(at, value):
            if isinstance(value, dict):
                for key, inner in value.items():
                    yield from visit(at + (key,), inner)
            elif isinstance(value, list):
                for i, inner in enumerate(value):
                    yield from visit(at + (i,), inner)
            elif at not in ignored:
                yield at, value

        places = list(visit((), before))
        self.assertGreater(len(places), 25)
        for at, value in places:
            with self.subTest(at):
                paper = json.loads(json.dumps(before))
                place = paper
                for key in at[:-1]:
                    place = place[key]
                place[at[-1]] = self.changed(value)
                (self.copy / "papers" / "1.receipt.json").write_text(json.dumps(paper))
                self.assertEqual(self.run_verify()[0], 1)

    @staticmethod
    def changed(value):
        if isinstance(value, int):
            return value + 1
        middle = len(value) // 2
        return value[:middle] + ("B" if value[middle] == "A" else "A") + value[middle + 1 :]

    def test_parts_left_out(self):
        for part in ("header", "receipt", "ledger", "body"):
            with self.subTest(part):
                self.change_paper(1, lambda paper, part=part: paper.pop(part))
                self.expect_found("1.receipt.json")
                shutil.copy(self.whole / "papers" / "1.receipt.json", self.copy / "papers")

    def test_no_papers(self):
        shutil.rmtree(self.copy / "papers")
        (self.copy / "papers").mkdir()
        self.expect_found("no \\*.receipt.json")

    def test_key_of_another_owner(self):
        # The holder's key is no receipt key, nor another holder's.
        keys = self.copy / "keys"
        shutil.copy(keys / "1210000-1.pem", keys / "receipt-1.pem")
        self.expect_found("not signed by the broker")
        (keys / "1210000-1.pem").rename(keys / "9700000-1.pem")
        self.expect_found("no key of holder 1210000")

    def test_honestly_signed_lies(self):
        """Receipts that the broker signed, about entries that are in its ledger, and yet wrong."""
        lies = {
            "another requester": dict(entry_changes={6: "3210000"}),
            "another kind of entry": dict(entry_changes={1: 11}),
            "another header": dict(entry_changes={17: b"h" * 32}),
            "another document": dict(entry_changes={18: b"h" * 32}),
            "another consent": dict(entry_changes={3: "other"}),
            "another release": dict(receipt_changes={2: "release-1"}),
            "another nonce": dict(receipt_changes={12: b"n" * 32}),
        }
        for what, changes in lies.items():
            with self.subTest(what):
                directory = self.base / what.replace(" ", "_")
                directory.mkdir()
                world = World(directory)
                world.add_paper(9, "INCOME", b"body", **changes)
                world.publish()
                self.copy = directory
                self.expect_found(what)

    def test_fork(self):
        """A receipt of a tree that the published ledger does not extend."""
        world = self.world
        kept, directory = list(world.leaves), world.directory
        world.leaves = world.leaves[:10]
        world.directory = self.copy
        try:
            world.add_paper(8, "INCOME", b"body")
        finally:
            world.leaves, world.directory = kept, directory
        self.assertEqual(self.run_verify(ledger=False)[0], 0)
        self.expect_found("8.receipt.json.*published ledger")

    def test_cannot_begin(self):
        (self.copy / "verifier_keys").write_text("no key\n")
        self.assertEqual(self.run_verify()[0], 2)
        (self.copy / "verifier_keys").write_text("")
        self.assertEqual(self.run_verify()[0], 2)


if __name__ == "__main__":
    unittest.main()
