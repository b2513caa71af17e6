"""Merkle proofs, checkpoints and sealed files, against definitions of their own."""

import os
import unittest
from unittest import mock

from fake_ledger import ORIGIN, FakeLedger, consistency_path, inclusion_path, root
from naru import CheckFailed, NaruError, SettingsError
from naru.checkpoint import CheckpointVerifier
from naru.merkle import leaf_hash, verify_consistency, verify_inclusion
from naru.sealed_file import SealedFile

SIZES = range(1, 34)
LEAVES = [leaf_hash(bytes([n])) for n in range(max(SIZES))]


def changed(path: list[bytes]) -> list[list[bytes]]:
    """Every path that has one hash more, less, or another."""
    others = [path + [b"x" * 32], [b"x" * 32] + path]
    for n in range(len(path)):
        others.append(path[:n] + path[n + 1 :])
        others.append(path[:n] + [bytes(32)] + path[n + 1 :])
        others.append(path[:n] + [path[n][:-1]] + path[n + 1 :])
    return others


class MerkleTest(unittest.TestCase):
    def test_every_leaf_of_every_tree_is_proven_and_no_other(self) -> None:
        for size in SIZES:
            leaves = LEAVES[:size]
            for index in range(size):
                path = inclusion_path(index, leaves)
                verify_inclusion(leaves[index], index, size, path, root(leaves))
                for other in changed(path):
                    with self.assertRaises(CheckFailed):
                        verify_inclusion(leaves[index], index, size, other, root(leaves))
                with self.assertRaises(CheckFailed):
                    verify_inclusion(b"x" * 32, index, size, path, root(leaves))
        with self.assertRaises(CheckFailed):
            verify_inclusion(LEAVES[0], 1, 1, [], LEAVES[0])

    def test_every_tree_extends_every_smaller_one_and_no_other(self) -> None:
        for second in SIZES:
            new = root(LEAVES[:second])
            for first in range(1, second + 1):
                old, path = root(LEAVES[:first]), consistency_path(first, LEAVES[:second])
                verify_consistency(first, old, second, new, path)
                for other in changed(path):
                    with self.assertRaises(CheckFailed):
                        verify_consistency(first, old, second, new, other)
                with self.assertRaises(CheckFailed):
                    verify_consistency(first, b"x" * 32, second, new, path)
                with self.assertRaises(CheckFailed):
                    verify_consistency(first, old, second, b"x" * 32, path)
        with self.assertRaises(CheckFailed):
            verify_consistency(2, root(LEAVES[:2]), 1, LEAVES[0], [])


class CheckpointTest(unittest.TestCase):
    def setUp(self) -> None:
        self.ledger = FakeLedger()
        self.ledger.leaves = LEAVES[:7]
        self.verifier = CheckpointVerifier(self.ledger.verifier_keys())

    def test_reads_what_every_pinned_key_signed(self) -> None:
        checkpoint = self.verifier.verify(self.ledger.note(7))
        self.assertEqual((checkpoint.origin, checkpoint.size), (ORIGIN, 7))
        self.assertEqual(checkpoint.root, root(LEAVES[:7]))

    def test_passes_over_signatures_of_keys_that_are_not_pinned(self) -> None:
        note = self.ledger.note(7)
        stranger = FakeLedger().signed(note.partition("\n\n")[0] + "\n").partition("\n\n")[2]
        self.verifier.verify(note + stranger)

    def test_every_changed_character_is_noticed(self) -> None:
        note = self.ledger.note(7)
        for n in range(len(note)):
            other = note[:n] + chr(ord(note[n]) ^ 1) + note[n + 1 :]
            with self.assertRaises(CheckFailed, msg=repr(other[:n])):
                self.verifier.verify(other)
            with self.assertRaises(CheckFailed):
                self.verifier.verify(note[:n])

    def test_texts_that_are_no_checkpoint_even_when_they_are_signed(self) -> None:
        hash_text = self.ledger.note(7).split("\n")[2]
        for text in (
            f"other\n7\n{hash_text}\n",
            f"{ORIGIN}\n07\n{hash_text}\n",
            f"{ORIGIN}\n-7\n{hash_text}\n",
            f"{ORIGIN}\n٧\n{hash_text}\n",
            f"{ORIGIN}\n7\n{hash_text[:-4]}\n",
            f"{ORIGIN}\n7\n{hash_text}\nextension\n",
            f"{ORIGIN}\n7\n",
        ):
            with self.subTest(text=text), self.assertRaises(CheckFailed):
                self.verifier.verify(self.ledger.signed(text))

    def test_lines_that_are_no_verifier_key(self) -> None:
        good = self.ledger.verifier_keys()
        for lines in ([], [good[0][:-1]], [good[0].replace("+", "-", 1)], ["x" + good[0], good[1]]):
            with self.subTest(lines=lines), self.assertRaises(SettingsError):
                CheckpointVerifier(lines)


class SealedFileTest(unittest.TestCase):
    def test_gives_back_what_was_put_in_and_shows_none_of_it_on_the_disk(self) -> None:
        with SealedFile() as file:
            for chunk in (b"a" * 65536, b"secret"):
                file.append(chunk)
            self.assertEqual(file.read_all(), b"a" * 65536 + b"secret")
            self.assertEqual(file.size, 65542)
            fd = file._file.fileno()
            self.assertEqual(os.fstat(fd).st_mode & 0o777, 0o600)
            self.assertEqual(os.fstat(fd).st_nlink, 0)
            self.assertNotIn(b"secret", os.pread(fd, 100_000, 0))

    def test_notices_what_was_changed_or_moved(self) -> None:
        with SealedFile() as file:
            file.append(b"one" * 10)
            file.append(b"two" * 10)
            fd = file._file.fileno()
            half = os.fstat(fd).st_size // 2
            first, second = os.pread(fd, half, 0), os.pread(fd, half, half)
            for content in (second + first, first + first, first[:-1] + b"x" + second, first):
                os.pwrite(fd, content, 0)
                os.ftruncate(fd, len(content))
                with self.assertRaises(NaruError):
                    file.read_all()

    def test_writes_all_of_a_chunk_that_the_disk_takes_in_parts(self) -> None:
        with SealedFile() as file:
            whole = file._file
            with mock.patch.object(file, "_file") as partly:
                partly.write.side_effect = lambda data: whole.write(bytes(data[:7]))
                file.append(b"x" * 100)
            self.assertEqual(file.read_all(), b"x" * 100)


if __name__ == "__main__":
    unittest.main()
