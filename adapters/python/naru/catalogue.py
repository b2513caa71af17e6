"""The catalogue as the requester needs it: holders' and receipt keys, kinds, affairs."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import text_format

from naru.config.v1 import catalogue_pb2
from naru.errors import SettingsError
from naru.signatures import KeyRing

FILE_PREFIX = "file:"


class Catalogue:
    """A catalogue (textproto of naru.config.v1.Catalogue). Immutable, so thread-safe."""

    def __init__(self, message: catalogue_pb2.Catalogue, key_directory: Path) -> None:
        """`key_directory` is where a pem "file:<name>" is read. SettingsError names what is wrong."""
        self.keys = KeyRing()
        for agency in message.agencies:
            self._add(agency.code, agency.signing_keys, key_directory)
        self._add(KeyRing.RECEIPTS, message.receipt_keys, key_directory)
        self._kinds = {kind.code: kind for kind in message.kinds}
        self._affairs = {affair.code: affair for affair in message.affairs}
        if len(self._kinds) != len(message.kinds) or len(self._affairs) != len(message.affairs):
            raise SettingsError("catalogue: a kind or an affair is named twice")

    @classmethod
    def load(cls, path: str, key_directory: str = "") -> Catalogue:
        """Reads a file, or a folder: its files *.textproto, in order of their names, count as one."""
        name = Path(path)
        message = catalogue_pb2.Catalogue()
        for part in sorted(name.glob("*.textproto")) if name.is_dir() else [name]:
            try:
                text_format.Merge(part.read_text(encoding="utf-8"), message)
            except (OSError, UnicodeDecodeError, text_format.ParseError) as error:
                raise SettingsError(f"catalogue_file: {part}: {error}") from error
        return cls(message, Path(key_directory) if key_directory else name.parent)

    def _add(self, owner: str, keys, directory: Path) -> None:  # type: ignore[no-untyped-def]
        for key in keys:
            pem = key.pem
            if pem.startswith(FILE_PREFIX):
                try:
                    pem = (directory / pem.removeprefix(FILE_PREFIX)).read_text(encoding="ascii")
                except (OSError, UnicodeDecodeError) as error:
                    raise SettingsError(f"catalogue: key {key.key_id!r}: {error}") from error
            self.keys.add(owner, key.key_id, pem, key.valid_from, key.valid_until)

    def kind(self, code: str) -> catalogue_pb2.DocumentKind | None:
        return self._kinds.get(code)

    def kind_of_affair(self, affair: str, kind: str) -> catalogue_pb2.AffairKind | None:
        """What the affair says of the kind; None when it is unknown or does not need it."""
        found = self._affairs.get(affair)
        return next((k for k in found.kinds if k.kind == kind), None) if found else None
