"""A body on its way: on the disk, encrypted, without a name."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from naru.errors import NaruError

CONTEXT = b"naru-sealed-file-v1"
TAG_BYTES = 16
NONCE_BYTES = 12


class SealedFile:
    """Chunks in a temporary file that has no name, is its owner's alone and is encrypted.

    AES-256-GCM; the key was made for this file and is in this process's memory only, so what is left
    on the disk after a crash can be read by nobody. Chunks cannot be exchanged: each is bound to its
    place, and its nonce is the place, used once under this key. Not thread-safe. Close it, or use it
    in a `with` statement. (Python cannot wipe memory: key and chunks are gone when it is used anew.)
    """

    def __init__(self, directory: str = "") -> None:
        """OSError when no temporary file can be made in the directory (default: the system's)."""
        # Unnamed from the beginning where the file system can (O_TMPFILE), else unlinked at once; 0600.
        self._file = tempfile.TemporaryFile(dir=directory or None, buffering=0)
        self._cipher = AESGCM(secrets.token_bytes(32))
        self._lengths: list[int] = []
        self.size = 0

    def append(self, chunk: bytes) -> None:
        place = len(self._lengths)
        sealed = memoryview(self._cipher.encrypt(_nonce(place), chunk, CONTEXT))
        while sealed:
            sealed = sealed[self._file.write(sealed) :]
        self._lengths.append(len(chunk))
        self.size += len(chunk)

    def chunks(self) -> Iterator[bytes]:
        """The chunks in order. NaruError when the file was changed under our hands."""
        offset = 0
        for place, length in enumerate(self._lengths):
            sealed = os.pread(self._file.fileno(), length + TAG_BYTES, offset)
            offset += len(sealed)
            try:
                yield self._cipher.decrypt(_nonce(place), sealed, CONTEXT)
            except InvalidTag as error:
                raise NaruError("a temporary file was changed") from error

    def read_all(self) -> bytes:
        return b"".join(self.chunks())

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> SealedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _nonce(place: int) -> bytes:
    return place.to_bytes(NONCE_BYTES, "big")
