"""A mutual-TLS channel to a server whose certificate carries the expected identity."""

from __future__ import annotations

from pathlib import Path

import grpc

from naru.config.v1 import config_pb2
from naru.errors import SettingsError
from naru.settings import agency_of

MESSAGE_BYTES_MAX = 4 * 1024 * 1024


def open_channel(address: str, tls: config_pb2.TlsFiles, server_identity: str) -> grpc.Channel:
    """SettingsError when a file cannot be read; a server of another identity is UNAVAILABLE.

    A Naru certificate names its service by a URI, not by the host. gRPC compares the target name
    with every subject alternative name of the certificate, its URIs included, so the identity is
    given as the target name.
    """
    agency_of(server_identity)
    try:
        credentials = grpc.ssl_channel_credentials(
            Path(tls.ca_file).read_bytes(),
            Path(tls.key_file).read_bytes(),
            Path(tls.certificate_file).read_bytes(),
        )
    except OSError as error:
        raise SettingsError(f"tls: {error}") from error
    return grpc.secure_channel(
        address,
        credentials,
        options=(
            ("grpc.ssl_target_name_override", server_identity),
            ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
            ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
            # The environment has no say in where documents go; what is repeated, the client judges.
            ("grpc.enable_http_proxy", 0),
            ("grpc.enable_retries", 0),
            ("grpc.service_config_disable_resolution", 1),
        ),
    )
