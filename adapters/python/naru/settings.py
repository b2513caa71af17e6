"""The configuration: a textproto of naru.config.v1.ClientConfig, the same file that naructl takes."""

from __future__ import annotations

import re
from pathlib import Path

from google.protobuf import text_format

from naru.config.v1 import config_pb2
from naru.errors import SettingsError

IDENTITY = re.compile(r"urn:naru:([0-9A-Z]{7}):[a-z0-9-]{1,40}")


def load_settings(path: str) -> config_pb2.ClientConfig:
    """SettingsError when the file cannot be read; what a call needs of it is checked where it is used."""
    config = config_pb2.ClientConfig()
    try:
        text_format.Parse(Path(path).read_text(encoding="utf-8"), config)
    except (OSError, UnicodeDecodeError, text_format.ParseError) as error:
        raise SettingsError(f"{path}: {error}") from error
    return config


def agency_of(identity: str) -> str:
    """The agency code of a URI SAN, urn:naru:<agency>:<service>."""
    match = IDENTITY.fullmatch(identity)
    if match is None:
        raise SettingsError(f"identity: {identity!r} is not urn:naru:<agency>:<service>")
    return match[1]
