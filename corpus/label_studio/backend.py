"""The live ML backend: the HTTP that Label Studio 1.23 speaks with one, answered from a corpus.

It calls GET /health and POST /setup before each turn, POST /predict for tasks that are opened, and
POST /webhook when something happened. /setup brings an access token of the server, which nobody
here needs: it is dropped, and no request is ever repeated in a reply or a message.
"""

# No `from __future__ import annotations`: FastAPI reads the annotations of functions made here.
import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from corpus.findings import CorpusError
from corpus.folder import Corpus
from corpus.label_studio.live import LiveModel, answers, may_show, page_findings
from corpus.label_studio.server import Say

if TYPE_CHECKING:
    from fastapi import FastAPI

USER = "parley"
# 20,000 tasks of a project with their predictions, and room; one request holds it in memory.
MOST_BYTES = 64_000_000
MOST_TASKS = 20_000
STOP_SECONDS = 5
NO_SECRET = (
    f"Wrong or missing password: connect this backend with Basic Authentication, user {USER} and "
    "the password that `make backend` names."
)
NOT_INSTALLED = (
    "FastAPI and uvicorn are not installed. Install them with `pip install -e .[service]`, or show "
    "predictions without a live backend: `make predictions`."
)


def basic_auth(secret: str) -> str:
    """The Authorization header that Label Studio sends with /health, /setup and /predict."""
    return "Basic " + base64.b64encode(f"{USER}:{secret}".encode()).decode()


def webhook_auth(secret: str) -> str:
    """The Authorization header of the webhook, which Label Studio sends without the password.

    Its settings show this one to every user, so it is made from the secret and opens nothing else.
    """
    return "Bearer " + hmac.new(secret.encode(), b"webhook", hashlib.sha256).hexdigest()


def backend(
    corpus: Corpus, current: Callable[[], LiveModel], *, secret: str, say: Say
) -> "FastAPI":
    """The application. current: the model of this moment. say: told why a project is refused."""
    try:
        from fastapi import Depends, FastAPI, HTTPException, Request, Response
        from fastapi.concurrency import run_in_threadpool
        from starlette.requests import ClientDisconnect
    except ModuleNotFoundError:
        raise CorpusError(NOT_INSTALLED) from None

    shows = may_show(corpus)
    password, webhook_password = basic_auth(secret).encode(), webhook_auth(secret).encode()
    n_webhooks = 0
    last_said = ""

    async def require_secret(request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        accepted = [password] + [webhook_password] * (request.url.path == "/webhook")
        if not any(hmac.compare_digest(given, right) for right in accepted):
            raise HTTPException(401, NO_SECRET, {"WWW-Authenticate": 'Basic realm="Parley"'})

    async def body_of(request: Request) -> bytes:
        parts, size = [], 0
        try:
            async for part in request.stream():
                size += len(part)
                if size > MOST_BYTES:
                    raise HTTPException(413, f"More than {MOST_BYTES:,} bytes. Ask for less.")
                parts.append(part)
        except ClientDisconnect:
            raise HTTPException(400, "The request broke off.") from None  # nobody reads this
        return b"".join(parts)

    def read(body: bytes) -> dict[str, Any]:
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise HTTPException(400, "Expected a JSON object, as Label Studio 1.23 sends it.")
        found.pop("access_token", None)
        return found

    def refuse_foreign(page: object, project: object) -> None:
        nonlocal last_said
        findings = page_findings(page, corpus.codebook, _place(project))
        if findings:
            message = "\n".join(map(str, findings))
            if message != last_said:  # Label Studio asks again for every task
                last_said = message
                say(message)
            raise HTTPException(409, message)

    def predictions(body: bytes) -> bytes:
        asked = read(body)
        tasks = asked.get("tasks")
        if not isinstance(tasks, list):
            raise HTTPException(400, "Expected tasks, a list, as Label Studio 1.23 sends it.")
        if len(tasks) > MOST_TASKS:
            raise HTTPException(413, f"More than {MOST_TASKS:,} tasks. Ask for fewer at a time.")
        refuse_foreign(asked.get("label_config"), asked.get("project"))
        return json.dumps({"results": answers(tasks, corpus, shows, current())}).encode()

    def setup_answer(body: bytes) -> dict[str, Any]:
        asked = read(body)
        refuse_foreign(asked.get("schema"), asked.get("project"))
        return {"model_version": current().version}

    app = FastAPI(openapi_url=None, dependencies=[Depends(require_secret)])

    # The secret is asked for here too: Label Studio then says what is wrong in plain words.
    @app.get("/health")
    async def health() -> dict[str, Any]:
        return {"status": "UP", "model_class": "Parley", "n_webhooks": n_webhooks}

    @app.get("/versions")
    def versions() -> dict[str, Any]:
        return {"versions": [current().version]}

    @app.post("/setup")
    async def setup(request: Request) -> dict[str, Any]:
        return await run_in_threadpool(setup_answer, await body_of(request))

    @app.post("/predict")
    async def predict(request: Request) -> Response:
        body = await run_in_threadpool(predictions, await body_of(request))
        return Response(body, media_type="application/json")

    @app.post("/webhook")
    async def webhook(request: Request) -> dict[str, Any]:
        nonlocal n_webhooks
        n_webhooks += 1
        head = b""
        with suppress(ClientDisconnect):
            async for part in request.stream():  # read to its end, and kept nowhere
                head = head or part[:100]
        if b'"START_TRAINING"' in head:
            say("Label Studio asks for training. Nothing is trained here: `make train`.")
        return {"trained": False}

    return app


def _place(project: object) -> str:
    """``16.1795340399``: the project's number and when it was made."""
    number = str(project).partition(".")[0]
    return f"project {number}" if number.isascii() and number.isdigit() else "the project"


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; CorpusError when it cannot."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        why = str(error.strerror or error).partition(" (while")[0]
        raise CorpusError(
            f"{host}:{port} cannot be listened on: {why}. Stop what uses the port, or choose "
            "another one: ARGS='--port N'."
        ) from None


@contextmanager
def running(app: "FastAPI", listener: socket.socket) -> Iterator[threading.Thread]:
    """The application answers while the block runs; the thread ends when it can no longer."""
    try:
        import uvicorn
    except ModuleNotFoundError:
        raise CorpusError(NOT_INSTALLED) from None
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="backend")
    thread.start()
    try:
        yield thread
    finally:
        server.should_exit = True
        thread.join()
