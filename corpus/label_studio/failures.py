"""What a server or the network refuses, in words that name the next step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from corpus.findings import CorpusError

TokenKind = Literal["legacy token", "personal access token"]


class LostReplyError(CorpusError):
    """The server may or may not have done what was asked."""


@contextmanager
def failures_in_words(url: str, doing: str, kind: TokenKind) -> Iterator[None]:
    """Turn what the SDK and the network raise into a CorpusError that names the next step."""
    import httpx
    from label_studio_sdk.core.api_error import ApiError
    from label_studio_sdk.core.parse_error import ParsingError

    try:
        yield
    except ApiError as error:
        raise _api_error(error.status_code, error.body, url, doing, kind) from None
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise LostReplyError(
            f"{url} cannot be reached ({doing}). Is the server running? `make label-studio` starts "
            "one here; for another one check LABEL_STUDIO_URL."
        ) from None
    except httpx.TimeoutException:
        raise LostReplyError(
            f"{url} did not answer in time ({doing}). It may still be working: wait until it is "
            "idle."
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise LostReplyError(
            f"{url} broke off ({doing}): {type(error).__name__}. Is the server still running?"
        ) from None
    except (ParsingError, ValueError) as error:  # a reply that is not what the SDK's records expect
        raise LostReplyError(
            f"{url} answered with something else than Label Studio 1.23 does ({doing}): "
            f"{type(error).__name__}. Check LABEL_STUDIO_URL and the server's version."
        ) from None


def _api_error(
    status: int | None, body: object, url: str, doing: str, kind: TokenKind
) -> CorpusError:
    """Words for a refused request. The reply's headers hold session cookies: never shown."""
    if status == 401:
        return CorpusError(_refused_token(_detail(body), url, kind))
    if status == 403:
        return CorpusError(f"{url} does not allow it ({doing}): {_detail(body)}")
    if status == 404:
        return CorpusError(
            f"{url} has no such page ({doing}). Was the project deleted meanwhile? Then run the "
            "same command again. Otherwise check LABEL_STUDIO_URL: it ends after the port."
        )
    if status is None or status >= 500 or status in (408, 429):
        return LostReplyError(f"{url} failed ({doing}), status {status}: {_detail(body)}")
    return CorpusError(f"{url} refused ({doing}), status {status}: {_detail(body)}")


def _refused_token(detail: str, url: str, kind: TokenKind) -> str:
    if kind == "legacy token":
        if "disabled" in detail:
            return (
                f"{url} refused the legacy token: legacy tokens are switched off there. Switch "
                f"them on at {url}/organization (API Tokens Settings), or make a personal access "
                f"token at {url}/user/account (Personal Access Token) and set LABEL_STUDIO_API_KEY "
                "to it."
            )
        return (
            f"{url} refused the legacy token: {detail} Copy yours from "
            f"{url}/user/account (Legacy Token) into LABEL_STUDIO_API_KEY. If that page is "
            f"missing, legacy tokens are switched off at {url}/organization (API Tokens Settings)."
        )
    return (
        f"{url} refused the personal access token: {detail} Make a new one at "
        f"{url}/user/account (Personal Access Token) and set LABEL_STUDIO_API_KEY to it."
    )


def _detail(body: object) -> str:
    """The server's own words, short; an HTML page says nothing to the reader."""
    if isinstance(body, Mapping):
        for key in ("validation_errors", "detail"):
            if body.get(key):
                return " ".join(_words(body[key]))[:600]
    if isinstance(body, str) and "<" not in body and body.strip():
        return body.strip()[:600]
    return "no reason given."


def _words(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _words(part)
    elif isinstance(value, list):
        for part in value:
            yield from _words(part)
    else:
        text = " ".join(str(value).split())
        yield text if text.endswith((".", "!", "?")) else text + "."
