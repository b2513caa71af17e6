#!/usr/bin/env python3
"""Checks a Naru ledger and the papers fetched under it, sharing no code with Naru.

  verify.py --verifier-keys FILE [--ledger DIR] [--papers DIR --keys DIR [--person-file FILE]]

  --verifier-keys  the pinned ledger keys, one a line (name+key id+base64)
  --ledger         what a broker publishes, <data>/public/<ledger>/: checkpoint and tile/
  --papers         what "naructl fetch --out" wrote: bodies and *.receipt.json
  --keys           public keys as PEM files: <agency code>*.pem of holders, receipt*.pem of the broker
  --person-file    the citizen's CI: then each paper must also be bound to that person

Prints one line a check; ends with 1 when any failed, 2 when it cannot begin. Needs Python 3 and
python3-cryptography. The formats: C2SP tlog-tiles, tlog-checkpoint and signed-note, RFC 6962.
"""

import argparse
import base64
import hashlib
import hmac
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

TILE = 256
HASH = 32
MAX_FILE = 512 * 1024 * 1024
MAX_NOTE = 16 * 1024
MAX_LEAVES = 1 << 40

FOUND, NO_RECORD, DECLINED, DEFERRED = 1, 2, 3, 4
DOCUMENT_RELEASED, NO_RECORD_RELEASED = 10, 11


class Failed(Exception):
    """A check that failed; the text says which."""


def need(condition, what):
    if not condition:
        raise Failed(what)


def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def b64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Failed("base64 that is none") from error
    need(base64.b64encode(data).decode() == text, "base64 that is not canonical")
    return data


def read(path, limit=MAX_FILE):
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}") from error
    need(len(data) <= limit, f"{path}: larger than allowed")
    return data


# --- Protocol buffers: the few fields that are needed ---


def fields(data):
    """The fields of a message: number -> list of values (int or bytes)."""
    found, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            need(at < len(data) and shift < 70, "a message that cannot be read")
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = varint()
        wire = tag & 7
        if wire == 0:
            value = varint()
        else:
            length = {1: 8, 5: 4}.get(wire)
            if wire == 2:
                length = varint()
            need(length is not None and at + length <= len(data), "a message that cannot be read")
            value = data[at : at + length]
            at += length
        found.setdefault(tag >> 3, []).append(value)
    return found


def one(message, number, default=b""):
    """The last value of a field, as protocol buffers have it."""
    return message.get(number, [default])[-1]


def text(message, number):
    return one(message, number).decode("utf-8", "replace")


# --- RFC 6962 ---


def leaf_hash(leaf_data):
    return sha256(b"\x00", leaf_data)


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def root_of(leaf_hashes):
    """Root of a list of leaf hashes."""
    stack = []  # (leaves below, hash)
    for one_hash in leaf_hashes:
        count = 1
        while stack and stack[-1][0] == count:
            one_hash = node_hash(stack.pop()[1], one_hash)
            count *= 2
        stack.append((count, one_hash))
    if not stack:
        return sha256(b"")
    root = stack.pop()[1]
    while stack:
        root = node_hash(stack.pop()[1], root)
    return root


def root_from_path(index, size, leaf, path):
    """RFC 9162 section 2.1.3.2."""
    need(0 <= index < size, "an index outside the tree")
    number, last, result = index, size - 1, leaf
    for sibling in path:
        need(len(sibling) == HASH, "a path of other than hashes")
        need(last > 0, "a path that is too long")
        if number & 1 or number == last:
            result = node_hash(sibling, result)
            while number and not number & 1:
                number >>= 1
                last >>= 1
        else:
            result = node_hash(result, sibling)
        number >>= 1
        last >>= 1
    need(last == 0, "a path that is too short")
    return result


# --- Signed notes ---


class VerifierKey:
    """One pinned key: Ed25519 (type 1) or ECDSA P-256 (type 2)."""

    def __init__(self, line):
        parts = line.split("+", 2)
        need(len(parts) == 3, "a verifier key has not three parts")
        self.name, key_id, encoded = parts
        blob = b64(encoded)
        self.key_id = bytes.fromhex(key_id)
        self.type, raw = blob[0], blob[1:]
        if self.type == 1:
            expected = sha256(self.name.encode(), b"\n\x01", raw)[:4]
            self.key = ed25519.Ed25519PublicKey.from_public_bytes(raw)
        else:
            need(self.type == 2, "a verifier key of a type that is not known")
            expected = sha256(raw)[:4]
            self.key = serialization.load_der_public_key(raw)
            need(is_p256(self.key), "a verifier key that is not P-256")
        need(self.key_id == expected, "a verifier key whose id is not its own")

    def signed(self, message, signature):
        try:
            if self.type == 1:
                self.key.verify(signature, message)
            else:
                self.key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            return True
        except InvalidSignature:
            return False


def is_p256(key):
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def open_note(note, keys):
    """(size, root) of a checkpoint that every pinned key signed."""
    need(len(note) <= MAX_NOTE, "a checkpoint that is too long")
    body, blank, tail = note.rpartition(b"\n\n")
    need(blank and tail.endswith(b"\n"), "a checkpoint without signatures")
    body += b"\n"
    signatures = []
    for line in tail.decode("utf-8", "replace").splitlines():
        parts = line.split(" ")
        need(len(parts) == 3 and parts[0] == "\u2014", "a signature line that is none")
        blob = b64(parts[2])
        signatures.append((parts[1], blob[:4], blob[4:]))
    lines = body.decode("utf-8", "replace").split("\n")
    need(len(lines) == 4 and lines[3] == "", "a checkpoint of other than three lines")
    for key in keys:
        need(lines[0] == key.name, "a checkpoint of another ledger")
        need(
            any(
                name == key.name and key_id == key.key_id and key.signed(body, signature)
                for name, key_id, signature in signatures
            ),
            f"a checkpoint that the key {key.key_id.hex()} did not sign",
        )
    need(lines[1].isdigit() and str(int(lines[1])) == lines[1], "a size that is none")
    root = b64(lines[2])
    need(len(root) == HASH, "a root that is none")
    return int(lines[1]), root


# --- The published ledger ---


def tile_path(directory, level, index, width):
    """Where a tile lies: groups of three digits, all but the last with an x."""
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03d}")
    path = directory.joinpath("tile", level, *parts)
    return path if width == TILE else path.with_name(path.name + ".p") / str(width)


def tiles_of(count):
    """(index, width) of the tiles that hold so many hashes."""
    whole, rest = divmod(count, TILE)
    return [(i, TILE) for i in range(whole)] + ([(whole, rest)] if rest else [])


def read_bundle(data, width):
    """Leaf data of an entry bundle: each with its length before it, two bytes."""
    leaves, at = [], 0
    while at < len(data):
        need(at + 2 <= len(data), "an entry bundle that is cut off")
        length = int.from_bytes(data[at : at + 2], "big")
        need(at + 2 + length <= len(data), "an entry bundle that is cut off")
        leaves.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    need(len(leaves) == width, f"an entry bundle of {len(leaves)} entries instead of {width}")
    return leaves


def read_entries(directory, size):
    need(size <= MAX_LEAVES, "a ledger of more entries than can be")
    leaves = []
    for index, width in tiles_of(size):
        leaves += read_bundle(read(tile_path(directory, "entries", index, width)), width)
    return leaves


def read_level(directory, level, count):
    """The hashes of one level of tiles, as they lie there."""
    result = []
    for index, width in tiles_of(count):
        path = tile_path(directory, str(level), index, width)
        data = read(path)
        need(len(data) == width * HASH, f"{path}: not {width} hashes")
        result += [data[i : i + HASH] for i in range(0, len(data), HASH)]
    return result


class Ledger:
    """A published ledger whose entries have been read and hashed."""

    def __init__(self, directory, keys, report):
        self.directory = pathlib.Path(directory)
        self.leaves, self.hashes, self.ok = [], [], False
        note = report.check("ledger: checkpoint can be read", read, self.directory / "checkpoint")
        if note is None:
            return
        head = report.check("ledger: every pinned key signed the checkpoint", open_note, note, keys)
        if head is None:
            return
        self.size, self.root = head
        leaves = report.check(
            f"ledger: all {self.size} entries are there", read_entries, self.directory, self.size
        )
        if leaves is None:
            return
        self.leaves = leaves
        self.hashes = [leaf_hash(leaf) for leaf in leaves]
        report.check("ledger: the entries give the checkpoint's root", self.check_root, self.hashes)
        report.check("ledger: the tiles are those of the entries", self.check_tiles)
        self.ok = True

    def check_root(self, leaf_hashes):
        need(root_of(leaf_hashes) == self.root, "another root")

    def check_tiles(self):
        below, level = self.hashes, 0
        while True:
            found = read_level(self.directory, level, len(below))
            need(found == below, f"a tile of level {level} with other hashes")
            if level == 0:
                self.check_root(found)
            whole = len(below) // TILE
            if whole == 0:
                return
            below = [root_of(found[i * TILE : (i + 1) * TILE]) for i in range(whole)]
            level += 1


# --- Papers and their receipts ---


def load_keys(directory, names):
    """Public keys of the PEM files whose name begins with one of `names` and then ends or has a
    hyphen: an owner's keys and nobody else's."""
    keys = []
    for path in sorted(pathlib.Path(directory).glob("*.pem")):
        if path.stem.split("-")[0] in names:
            try:
                key = serialization.load_pem_public_key(read(path, 64 * 1024))
            except ValueError as error:
                raise Failed(f"{path}: is no public key") from error
            need(is_p256(key), f"{path}: is not P-256")
            keys.append(key)
    return keys


def check_signature(part, context, keys, owner):
    data = b64(part["bytes"])
    need(part["algorithm"] == "ES256", "an algorithm that is not ES256")
    need(keys, f"no key of {owner} in --keys")
    message = context.encode() + b"\n" + data
    for key in keys:
        try:
            key.verify(b64(part["signature"]), message, ec.ECDSA(hashes.SHA256()))
            return data
        except InvalidSignature:
            continue
    raise Failed(f"not signed by {owner}")


class Header:
    """A holder's signed header."""

    def __init__(self, data):
        message = fields(data)
        need(text(message, 1) == "naru-document-header-v1", "another context")
        self.sha256 = sha256(data)
        self.nonce = one(message, 2)
        self.release_id = text(message, 3)
        self.holder = text(message, 4)
        self.requester = text(message, 5)
        self.kind = text(message, 6)
        self.status = one(message, 8, 0)
        self.person_binding = one(message, 10)
        self.size = one(message, 15, 0)
        self.body_sha256 = one(message, 16)
        self.chunk_size = one(message, 17, 0)
        self.chunks = message.get(18, [])

    def check_copies(self, paper):
        for name, value in (
            ("holder", self.holder),
            ("requester", self.requester),
            ("release_id", self.release_id),
            ("kind", self.kind),
            ("nonce", self.nonce.hex()),
        ):
            need(paper.get(name) == value, f"the file says another {name}")
        result = {FOUND: "DELIVERED", NO_RECORD: "NO_RECORD", DECLINED: "DECLINED", DEFERRED: "DEFERRED"}
        need(result.get(self.status) == paper.get("result"), "the file says another result")
        need((self.status == FOUND) == ("body" in paper), "a body without a document, or none")

    def check_body(self, body):
        need(len(body) == self.size, "another size")
        need(sha256(body) == self.body_sha256, "another digest of the body")
        need(self.chunk_size > 0, "no chunk size")
        parts = [body[i : i + self.chunk_size] for i in range(0, len(body), self.chunk_size)]
        need([sha256(part) for part in parts] == self.chunks, "another digest of a chunk")

    def check_person(self, ci):
        subject = bytes([1]) + len(ci).to_bytes(2, "big") + ci
        expected = hmac.new(self.nonce, subject, hashlib.sha256).digest()
        need(hmac.compare_digest(expected, self.person_binding), "bound to another person")


def check_receipt_fields(receipt, header, paper):
    need(text(receipt, 1) == "naru-receipt-v1", "another context")
    need(text(receipt, 2) == header.release_id, "another release")
    need(text(receipt, 3) == paper.get("fetch_id"), "another fetch than the file says")
    need(text(receipt, 4) == paper.get("consent_id"), "another consent than the file says")
    need(text(receipt, 5) == header.requester, "another requester")
    need(text(receipt, 6) == header.holder, "another holder")
    need(one(receipt, 7, 0) == paper.get("paper_id"), "another paper than the file says")
    need(text(receipt, 8) == header.kind, "another kind")
    need(one(receipt, 10) == header.sha256, "another header")
    need(one(receipt, 12) == header.nonce, "another nonce")


def check_entry(receipt, proof, header):
    """The entry says what the header and the receipt say."""
    entry = fields(one(proof, 3))
    kind = {FOUND: DOCUMENT_RELEASED, NO_RECORD: NO_RECORD_RELEASED}.get(header.status)
    need(one(entry, 1, 0) == kind, "another kind of entry")
    need(text(entry, 3) == text(receipt, 4), "another consent")
    need(text(entry, 4) == header.release_id, "another release")
    need(text(entry, 5) == text(receipt, 3), "another fetch")
    need(text(entry, 6) == header.requester, "another requester")
    need(text(entry, 7) == header.holder, "another holder")
    need(one(entry, 9, 0) == one(receipt, 7, 0), "another paper")
    need(text(entry, 10) == header.kind, "another kind")
    need(one(entry, 17) == header.sha256, "another header")
    need(one(entry, 18) == header.body_sha256, "another document")


def check_proof_copies(proof, ledger):
    """The receipt file's own copy of the proof is that of the signed receipt."""
    need(ledger["origin"] == text(proof, 1), "the file says another origin")
    need(ledger["index"] == one(proof, 2, 0), "the file says another index")
    need(b64(ledger["outer"]) == one(proof, 3), "the file says another entry")
    need(ledger["outer_salt"] == one(proof, 4).hex(), "the file says another salt")
    need(ledger["inner_hash"] == one(proof, 5).hex(), "the file says another inner hash")
    path = [one_hash.hex() for one_hash in proof.get(6, [])]
    need(ledger["inclusion_path"] == path, "the file says another path")
    need(ledger["tree_size"] == one(proof, 7, 0), "the file says another size")
    need(ledger["checkpoint"] == text(proof, 8), "the file says another checkpoint")


def check_inclusion(proof, keys, ledger):
    """The entry is in the tree of its checkpoint, and that tree is in the published one."""
    size, root = open_note(one(proof, 8), keys)
    index = one(proof, 2, 0)
    need(size == one(proof, 7, 0), "a checkpoint of another size")
    salt, inner_hash = one(proof, 4), one(proof, 5)
    need(len(salt) == 16 and len(inner_hash) == HASH, "salt or inner hash of another length")
    leaf = sha256(b"\x11", salt, inner_hash, one(proof, 3))
    need(root_from_path(index, size, leaf_hash(leaf), proof.get(6, [])) == root, "another root")
    if ledger is None:
        return
    need(ledger.ok, "the ledger could not be read")
    need(size <= ledger.size, "newer than the published ledger: publish again, then repeat")
    need(ledger.leaves[index] == leaf, "another entry at that index of the published ledger")
    need(root_of(ledger.hashes[:size]) == root, "a tree that the published ledger does not extend")


def check_paper(path, arguments, verifier_keys, ledger, report):
    name = path.name
    paper = report.check(f"{name}: can be read", lambda: json.loads(read(path, MAX_NOTE * 1024)))
    if not isinstance(paper, dict):
        return

    def check_header():
        data = b64(paper["header"]["bytes"])
        holder = text(fields(data), 4)
        keys = load_keys(arguments.keys, [holder]) if holder else []
        check_signature(paper["header"], "naru-document-header-v1", keys, f"holder {holder}")
        header = Header(data)
        header.check_copies(paper)
        return header

    header = report.check(f"{name}: the holder signed the header", check_header)
    if header is None:
        return
    if arguments.ci is not None:
        report.check(f"{name}: bound to the person", header.check_person, arguments.ci)
    if header.status == FOUND:
        report.check(
            f"{name}: body and chunks are those of the header",
            lambda: header.check_body(read(path.parent / pathlib.Path(paper["body"]["file"]).name)),
        )
    if header.status in (DECLINED, DEFERRED):
        return

    def check_receipt():
        keys = load_keys(arguments.keys, ["receipt"])
        data = check_signature(paper["receipt"], "naru-receipt-v1", keys, "the broker")
        receipt = fields(data)
        check_receipt_fields(receipt, header, paper)
        proof = fields(one(receipt, 9))
        check_proof_copies(proof, paper["ledger"])
        return receipt, proof

    checked = report.check(f"{name}: the broker signed the receipt", check_receipt)
    if checked is None:
        return
    receipt, proof = checked
    report.check(f"{name}: the entry is that of this release", check_entry, receipt, proof, header)
    where = "in the published ledger" if ledger is not None else "under its checkpoint"
    report.check(
        f"{name}: the entry is {where}", check_inclusion, proof, verifier_keys, ledger
    )


class Report:
    """Counts and prints."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, function, *arguments):
        """The function's result (True for none), or None when the check failed."""
        try:
            result = function(*arguments)
        except Failed as failure:
            why = str(failure)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            why = f"malformed ({type(error).__name__})"
        else:
            self.passed += 1
            print(f"ok    {what}")
            return True if result is None else result
        self.failed += 1
        print(f"FAIL  {what}: {why}")
        return None


def parse(argv):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--verifier-keys", required=True, metavar="FILE")
    parser.add_argument("--ledger", metavar="DIR")
    parser.add_argument("--papers", metavar="DIR")
    parser.add_argument("--keys", metavar="DIR")
    parser.add_argument("--person-file", metavar="FILE")
    arguments = parser.parse_args(argv)
    if not arguments.ledger and not arguments.papers:
        parser.error("nothing to check: give --ledger, --papers or both")
    if bool(arguments.papers) != bool(arguments.keys):
        parser.error("--papers and --keys go together")
    return arguments


def main(argv=None):
    arguments = parse(argv)
    try:
        lines = read(arguments.verifier_keys, MAX_NOTE).decode("utf-8", "replace").splitlines()
        keys = [VerifierKey(line.strip()) for line in lines if line.strip()]
        need(keys, "no verifier keys")
        arguments.ci = None
        if arguments.person_file:
            arguments.ci = read(arguments.person_file, MAX_NOTE).strip()
    except (Failed, ValueError) as failure:
        print(f"verify: {failure}", file=sys.stderr)
        return 2
    report = Report()
    ledger = Ledger(arguments.ledger, keys, report) if arguments.ledger else None
    if arguments.papers:
        papers = sorted(pathlib.Path(arguments.papers).glob("*.receipt.json"))
        report.check("papers: there are some", need, papers, "no *.receipt.json")
        for path in papers:
            check_paper(path, arguments, keys, ledger, report)
    print(f"{report.passed} checks passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
