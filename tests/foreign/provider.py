"""A development identity provider: assertions as broker/proof/assertion.h has them, signed for anybody."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pathlib
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

DECISIONS = {"DECISION_AGREED": 1, "DECISION_REFUSED": 2, "DECISION_WITHDRAWN": 3}


def _url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Provider:
    def __init__(self, key_file: pathlib.Path, ci: str) -> None:
        self._key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        self._ci = ci

    def session(self) -> dict[str, str]:
        """A SessionAssertion."""
        return {"jws": self._jws("")}

    def evidence(
        self, action: str, target: str, text_sha256: str, decisions: list[dict] | None = None
    ) -> dict:
        """Evidence for one change; the hash is base64, as JSON has bytes."""
        salt = os.urandom(16)
        decided = b"".join(
            d["paperId"].to_bytes(4, "big") + bytes([DECISIONS[d["decision"]]]) for d in decisions or []
        )
        digest = hashlib.sha256()
        parts = (b"naru-decision-v1", action.encode(), target.encode(), base64.b64decode(text_sha256))
        for part in (*parts, decided, salt):
            digest.update(len(part).to_bytes(4, "big") + part)
        jws = self._jws(_url(digest.digest()))
        return {"assertion": {"jws": jws, "salt": base64.b64encode(salt).decode()}}

    def _jws(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": "https://idp.naru.example/development",
            "aud": "naru",
            "sub": self._ci,
            "iat": now,
            "auth_time": now,
        }
        if nonce:
            claims["nonce"] = nonce
        header = {"alg": "ES256", "kid": "idp-dev-1"}
        signed = ".".join(_url(json.dumps(part).encode()) for part in (header, claims))
        assert isinstance(self._key, ec.EllipticCurvePrivateKey)
        der = self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
        r, s = utils.decode_dss_signature(der)
        return f"{signed}.{_url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
