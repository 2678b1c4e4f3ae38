"""A connection to a Label Studio server.

The SDK is imported inside functions: it takes a second, and only these commands need it. Requests
are never repeated behind our back, because a lost reply does not mean a lost import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from corpus.findings import CorpusError
from corpus.label_studio.failures import TokenKind, failures_in_words

if TYPE_CHECKING:
    from httpx import Response

TIMEOUT_SECONDS = 600.0
Json = Any  # what a reply holds


@dataclass(frozen=True, slots=True)
class Connection:
    """A server that has accepted a token; a context manager that hangs up at the end.

    ``sdk`` is the Label Studio SDK's client, ``http`` the httpx client under it.
    """

    url: str
    token_kind: TokenKind
    sdk: Any
    http: Any

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def __repr__(self) -> str:
        return f"Connection({self.url}, {self.token_kind})"

    def get(self, path: str, **parameters: object) -> Json:
        """The JSON value behind a path, as sent."""
        return self.request("GET", path, parameters=parameters).json()

    def request(
        self,
        method: str,
        path: str,
        json: object = None,
        parameters: Mapping[str, object] | None = None,
    ) -> Response:
        """The reply to a request; fails like the SDK's own calls.

        For what the SDK cannot ask for, or turns into records that nobody needs.
        """
        from label_studio_sdk.core.api_error import ApiError

        # The wrapper knows the token, and renews it when it has run out.
        headers = self.sdk._client_wrapper.get_headers()
        reply: Response = self.http.request(
            method, f"{self.url}/{path}", json=json, params=parameters, headers=headers
        )
        if not reply.is_success:
            raise ApiError(status_code=reply.status_code, body=_body(reply))
        return reply


def _body(reply: Response) -> object:
    try:
        return reply.json()
    except ValueError:
        return reply.text


def token_kind(token: str) -> TokenKind:
    """Which of Label Studio's two kinds of token this is; CorpusError when it is neither.

    >>> token_kind("0123456789abcdef0123456789abcdef01234567")
    'legacy token'
    """
    if re.fullmatch(r"[0-9a-f]{40}", token):
        return "legacy token"
    if re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", token):
        return "personal access token"
    raise CorpusError(
        f"LABEL_STUDIO_API_KEY is no Label Studio token ({len(token)} characters). Expected a "
        "personal access token (three parts with dots between) or a legacy token (40 digits and "
        "letters a-f): Label Studio shows yours under Account & Settings."
    )


def connect(url: str, token: str) -> Connection:
    """A connection whose address and token the server has accepted; else CorpusError in words."""
    url, token = url.rstrip("/"), token.strip()
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        shown = url if parts.username is None else "(an address with a user name in it)"
        raise CorpusError(
            f"LABEL_STUDIO_URL {shown} is no address of a server. Expected http:// or https://, a "
            "host and a port, such as http://127.0.0.1:8080."
        )
    kind = token_kind(token)
    try:
        import httpx
        from label_studio_sdk import LabelStudio
    except ModuleNotFoundError:
        raise CorpusError(
            "the Label Studio SDK is not installed. Install it with "
            "`pip install -e .[label-studio]`, or use the offline door: `make tasks`, "
            "`make annotations`."
        ) from None
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    http = httpx.Client(
        timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=10.0),
        follow_redirects=True,
        trust_env=not is_local,  # no proxy stands between a machine and itself
    )
    try:
        with failures_in_words(url, "logging in", kind):
            # The slash keeps a path prefix in the address when the SDK refreshes a token.
            sdk = LabelStudio(base_url=f"{url}/", api_key=token, max_retries=0, httpx_client=http)
            who = sdk.users.whoami()
        if not isinstance(getattr(who, "id", None), int):
            raise CorpusError(f"{url} answers, but it is not Label Studio. Check LABEL_STUDIO_URL.")
    except BaseException:
        http.close()
        raise
    return Connection(url, kind, sdk, http)
