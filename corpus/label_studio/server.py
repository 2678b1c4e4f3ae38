"""A Label Studio server of one's own: on this machine only, started and stopped with the caller."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from corpus.files import write_private
from corpus.findings import CorpusError

PORT = 8080
HOST = "127.0.0.1"
USER = "admin@parley.local"
START_SECONDS = 600.0  # the first start migrates a database: one minute, several on a slow disk
STOP_SECONDS = 20.0

# Opens addresses of this machine and its network to whoever may log in there: a live backend needs
# both, the second for its webhook.
ALLOW_BACKEND = {"ML_BLOCK_LOCAL_IP": "false", "SSRF_PROTECTION_ENABLED": "false"}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The server's only account, and the key that signs its tokens. Never printed."""

    user: str
    password: str
    token: str
    secret_key: str

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r}, ...)"


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running server."""

    url: str
    data: Path
    credentials: Credentials
    process: subprocess.Popen[bytes]


def data_folder() -> Path:
    """Where the server keeps its database by default: outside the repository."""
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "parley" / "label-studio"


def make_variables(data: Path) -> dict[str, str]:
    """The variables by which a make command finds the server in ``data``: none for the default.

    >>> make_variables(data_folder()), make_variables(Path("/tmp/ls"))
    ({}, {'ARGS': "'--data /tmp/ls'"})
    """
    if data.absolute() == data_folder().absolute():
        return {}
    return {"ARGS": shlex.quote(f"--data {shlex.quote(str(data))}")}


def add_options(command: argparse.ArgumentParser) -> None:
    """The options by which a script finds its server; ``address`` reads them."""
    command.add_argument("--url", help="address of the server (LABEL_STUDIO_URL)")
    command.add_argument(
        "--data", type=Path, default=data_folder(), help="data folder of a local server"
    )


def address(url: str | None, data: Path) -> tuple[str, str]:
    """Where the server is and the token for it: of the environment, else of the local one."""
    url = url or os.environ.get("LABEL_STUDIO_URL")
    token = os.environ.get("LABEL_STUDIO_API_KEY")
    if token:
        return url or read_url(data), token
    if url:
        raise CorpusError(
            f"{url} needs a token: set LABEL_STUDIO_API_KEY to the one that Label Studio shows "
            "under Account & Settings."
        )
    return read_url(data), read_credentials(data).token


def credentials_path(data: Path) -> Path:
    """The file that holds the account of the server in ``data``; only its owner may read it."""
    return data / "credentials.json"


def read_credentials(data: Path) -> Credentials:
    """The account of the server in ``data``; CorpusError when there is none."""
    path = credentials_path(data)
    try:
        return Credentials(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise CorpusError(
            f"{path}: not found: no server was started here yet. `make label-studio` starts one."
        ) from None
    except (OSError, TypeError, ValueError):
        raise CorpusError(
            f"{path}: not readable as the account of a server. Restore it from a backup; the "
            "password and the tokens of that server are only there."
        ) from None


def read_url(data: Path) -> str:
    """The address at which the server in ``data`` was last started."""
    try:
        return (data / "url").read_text(encoding="utf-8").strip()
    except OSError:
        return f"http://{HOST}:{PORT}"


def make_credentials(data: Path) -> Credentials:
    """The account in ``data``, made with random secrets the first time."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if data.stat().st_uid == os.getuid():
        data.chmod(0o700)  # a folder that was there may have been open to others
    path = credentials_path(data)
    if path.exists():
        return read_credentials(data)
    # Label Studio loses a secret key that begins with a dollar sign; hexadecimal has none.
    made = Credentials(
        USER, secrets.token_urlsafe(15), secrets.token_hex(20), secrets.token_hex(32)
    )
    write_private(path, json.dumps(asdict(made), indent=2))
    return made


def executable(environment: Path) -> Path:
    """The ``label-studio`` command of a virtual environment; CorpusError when it is missing."""
    found = environment / "bin" / "label-studio"
    if not found.exists():
        raise CorpusError(
            f"{found}: not found. `make label-studio` installs the server into an environment of "
            "its own; LABEL_STUDIO_VENV names another one."
        )
    return found


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def require_free(port: int) -> None:
    """CorpusError when the port is taken, naming one that is free."""
    if not _is_free(port):
        raise CorpusError(
            f"port {port} is taken by another program, perhaps another Label Studio. Stop it, or "
            f"run the same command with a free port: ARGS='--port {_next_free(port)}'."
        )


@contextmanager
def running_server(
    command: Path,
    data: Path,
    *,
    port: int,
    say: Say = lambda _: None,
    allow_backend: bool = False,
) -> Iterator[LocalServer]:
    """A server on the loopback address while the block runs; nothing of it is left afterwards.

    allow_backend: it may call a live backend on this machine.

    One server per data folder: a lock on the folder lives as long as the server process, so a
    second start is refused even after the first starter was killed.
    """
    require_free(port)
    credentials = make_credentials(data)
    log = data / "server.log"
    with (data / "server.lock").open("a+") as lock, log.open("wb") as output:
        _lock(lock, data)
        if not (data / "label_studio.sqlite3").exists():
            say("The first start prepares a database; this takes a minute or two.")
        process = subprocess.Popen(
            _arguments(command, port),
            env=_environment(command, data, credentials) | (ALLOW_BACKEND if allow_backend else {}),
            cwd=data,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the caller, who then stops the server
            pass_fds=(lock.fileno(),),
        )
        try:
            lock.truncate(0)
            lock.write(str(process.pid))
            lock.flush()
            url = f"http://{HOST}:{port}"
            _wait(process, port, log, say)
            (data / "url").write_text(url + "\n", encoding="utf-8")
            yield LocalServer(url, data, credentials, process)
        finally:
            _stop(process)


def _arguments(command: Path, port: int) -> list[str]:
    options = ["--no-browser", "--internal-host", HOST, "--port", str(port)]
    return [str(command), "start", *options, "--log-level", "WARNING"]


def _environment(command: Path, data: Path, credentials: Credentials) -> dict[str, str]:
    """Everything the server may know: no setting of the caller's leaks in, nothing leaks out."""
    return {
        "PATH": f"{command.parent}:/usr/bin:/bin",
        "HOME": str(data),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "SECRET_KEY": credentials.secret_key,
        "LABEL_STUDIO_USERNAME": credentials.user,
        "LABEL_STUDIO_PASSWORD": credentials.password,
        "LABEL_STUDIO_USER_TOKEN": credentials.token,
        # Counts only when the organisation is made, that is on the first start.
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "FEATURE_FLAGS_OFFLINE": "true",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "SENTRY_RATE": "0",
        "FRONTEND_SENTRY_RATE": "0",
    }


def _lock(lock: TextIO, data: Path) -> None:
    try:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise CorpusError(
            f"{data}: a server is already running on this folder (process {lock.read()}). Use that "
            "one, or stop it first."
        ) from None


def _wait(process: subprocess.Popen[bytes], port: int, log: Path, say: Say) -> None:
    """Return when the server answers; CorpusError with the log's path when it never will."""
    started = told = time.monotonic()
    while not _is_up(port):
        now = time.monotonic()
        if process.poll() is not None:
            raise CorpusError(
                f"Label Studio stopped while starting (exit code {process.returncode}). The end of "
                f"{log} says why."
            )
        if now - started > START_SECONDS:
            raise CorpusError(
                f"Label Studio did not answer within {START_SECONDS:.0f} s. The end of {log} says "
                "how far it came."
            )
        if now - told >= 15:
            say(f"Still starting, {now - started:.0f} s ...")
            told = now
        time.sleep(0.2)


def _is_up(port: int) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{HOST}:{port}/health", timeout=5) as reply:
            return bool(reply.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, then SIGKILL, to the server and whatever it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
            return


def _is_free(port: int) -> bool:
    """Nobody listens there, on either loopback address: Label Studio asks both."""
    with suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _next_free(port: int) -> int:
    return next((at for at in range(port + 1, min(port + 50, 65536)) if _is_free(at)), free_port())
