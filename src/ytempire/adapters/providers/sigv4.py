"""Amazon's signature, version 4: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.

Our own, because the vendor's library pins a package that the engine needs in another version. It is proven by
Amazon's published vectors and by that library as a peer, both in the tests.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from ytempire.domain.values import Secret

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, and for which service where."""

    key_id: str
    secret: Secret
    region: str
    service: str

    def signed(
        self,
        method: str,
        url: str,
        *,
        now: datetime,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        body: bytes,
    ) -> dict[str, str]:
        """The headers with those that sign them: `Host`, `X-Amz-Date` and `Authorization`.

        The path is signed as it is in `url`, where it is escaped once already; `query` is not in `url`.
        """
        address = urlsplit(url)
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        sent = {**headers, "Host": address.netloc, "X-Amz-Date": stamp}
        low = {name.lower(): " ".join(value.split()) for name, value in sent.items()}
        names = ";".join(sorted(low))
        canonical = "\n".join(
            [
                method,
                quote(address.path or "/", safe="/-_.~"),
                _query(query),
                *(f"{name}:{low[name]}" for name in sorted(low)),
                "",
                names,
                hashlib.sha256(body).hexdigest(),
            ]
        )
        scope = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        to_sign = "\n".join([_ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.digest(self._key(stamp[:8]), to_sign.encode(), "sha256").hex()
        told = f"Credential={self.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        return {**sent, "Authorization": f"{_ALGORITHM} {told}"}

    def _key(self, day: str) -> bytes:
        key = b"AWS4" + self.secret.reveal().encode()
        for each in (day, self.region, self.service, "aws4_request"):
            key = hmac.digest(key, each.encode(), "sha256")
        return key


def _query(query: Mapping[str, str]) -> str:
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
    return "&".join(f"{name}={value}" for name, value in pairs)
