"""Random faults at random moments, on a real server: after each, a clean sync mends everything.

    python tests/soak/soak_label_studio.py --rounds 300 --seed 1
    python tests/soak/soak_label_studio.py --rounds 10 --seed 1 --size 20000 --chunk 1000

A round: people answer, change their mind, skip, edit and delete tasks; a sync is disturbed; people
may go on meanwhile; a sync that nobody disturbs follows. Then both sides must hold what the log of
what people did says. The first difference ends it with the seed and the fault. Not part of
`make test`.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from corpus.findings import CorpusError  # noqa: E402
from corpus.folder import read_corpus  # noqa: E402
from corpus.label_studio import client, sending, server, transfer  # noqa: E402
from corpus.label_studio.projects import find_project, read_marked  # noqa: E402
from corpus.label_studio.pull import pull_tasks  # noqa: E402
from corpus.label_studio.results import choices  # noqa: E402
from corpus.label_studio.sync import plans  # noqa: E402
from tests.integration.faulty_proxy import FAULTS, Strike, faulty_proxy  # noqa: E402
from tests.integration.states import sync_all, sync_through  # noqa: E402
from tests.label_studio_fixtures import write_corpus  # noqa: E402

KINDS = (*FAULTS, "meddle", "kill-server", "kill-client")
STANCES = ("favor", "mixed", "no_stance")
SKIPPED = "skipped"
FRESH = 10  # rounds after which a new corpus begins, because a push is only once the first
CLIENT = """
import runpy, sys
from corpus.label_studio import transfer
transfer.CHUNK = transfer.PAGE = int(sys.argv.pop(1))
runpy.run_path("scripts/sync_label_studio.py", run_name="__main__")
"""


class Server:
    """A server that may be killed, and its proxy."""

    def __init__(self, data: Path, stack: ExitStack) -> None:
        self.data, self.life, self.is_dead = data, ExitStack(), True
        stack.callback(lambda: self.life.close())
        self.revive()
        self.proxy = stack.enter_context(faulty_proxy(self.running.url))

    def revive(self) -> None:
        if not self.is_dead:
            return
        self.life.close()
        self.life = ExitStack()
        environment = Path(os.environ.get("LABEL_STUDIO_VENV") or ROOT / ".venv-label-studio")
        self.running = self.life.enter_context(
            server.running_server(
                environment / "bin/label-studio", self.data, port=server.free_port()
            )
        )
        self.token = self.running.credentials.token
        self.connection = self.life.enter_context(client.connect(self.running.url, self.token))
        self.is_dead = False
        if hasattr(self, "proxy"):
            self.proxy.point_to(self.running.url)

    def kill(self) -> None:
        self.is_dead = True
        os.killpg(self.running.process.pid, signal.SIGKILL)
        self.running.process.wait()


class People:
    """What annotators do, and the log of it by which both sides are judged."""

    def __init__(self, path: Path, size: int, name: str) -> None:
        text = "".join(f"The envoys met on day {day} of the talks.\n" for day in range(size))
        book = (ROOT / "seeds/codebook.toml").read_text(encoding="utf-8")
        book = book.replace('name = "ceasefire"', f'name = "{name}"', 1)
        self.corpus = write_corpus(path, codebook=book, annotators=("anna", "bo"), text=text)
        self.plans = plans(self.corpus, self.corpus.batches)
        # Of each sentence in a project: all answers ever that count, the one that is there now,
        # and the one that the corpus held last.
        self.given: dict[tuple[str, str], list[str]] = {}
        self.there: dict[tuple[str, str], str] = {}
        self.sure: dict[tuple[str, str], str] = {}

    def act(self, running: Server, chance: random.Random, most: int) -> None:
        connection = running.connection
        for plan in self.plans:
            project = find_project(connection, plan)
            if project is None:
                continue
            # Listing 20,000 tasks each time would be the longest part of a round.
            tasks = (
                connection.get(
                    "api/tasks/",
                    project=project.id,
                    page=chance.randint(1, max(1, len(self.corpus.sentences) // 50)),
                    page_size=50,
                    fields="all",
                    review="true",
                    expand="annotations",
                    include="id,data,annotations,annotations.id",
                )["tasks"]
                if connection.sdk.projects.get(id=project.id).task_number
                else []
            )
            for task in chance.sample(tasks, min(len(tasks), chance.randint(0, most))):
                self.do(connection, plan.annotator, task, chance)

    def do(self, connection: Any, annotator: str, task: Any, chance: random.Random) -> None:
        name = task["data"]["sentence_id"]
        key = (annotator, name)
        if not task["annotations"]:
            what = chance.choice(["answer", "answer", "answer", SKIPPED, "edit", "delete"])
        elif self.sure.get(key) == self.there[key]:
            what = chance.choice(["change", "withdraw", "delete"])
        else:
            what = "change"
        if what in ("answer", "change"):
            stance = chance.choice(STANCES)
            result = [choices("stance", [stance])]
            if what == "answer":
                connection.sdk.annotations.create(id=task["id"], result=result)
            else:
                [old] = task["annotations"]
                connection.sdk.annotations.update(old["id"], result=result, was_cancelled=False)
            self.log(key, stance)
        elif what == SKIPPED:
            connection.sdk.annotations.create(id=task["id"], result=[], was_cancelled=True)
            self.log(key, SKIPPED)
        elif what == "withdraw":
            [old] = task["annotations"]
            connection.sdk.annotations.delete(old["id"])
            del self.there[key]
        elif what == "edit":
            data = {**task["data"], "text": "Edited in the page."}
            connection.sdk.tasks.update(id=task["id"], data=data)
        else:
            connection.sdk.tasks.delete(id=task["id"])
            self.there.pop(key, None)

    def log(self, key: tuple[str, str], answer: str) -> None:
        self.there[key] = answer
        if answer != SKIPPED or self.sure.get(key, SKIPPED) == SKIPPED:
            # A new annotation that skips leaves a done one, taken back there, as it is here.
            self.given.setdefault(key, []).append(answer)

    def differences(self, running: Server) -> Iterator[str]:
        """What either side holds otherwise than the log says."""
        corpus = read_corpus(self.corpus.path)
        if (corpus.path / sending.NOTE).exists():
            yield "a note of something under way is left"
        for plan in self.plans:
            found = read_marked(running.connection).get(plan.marker, [])
            if len(found) != 1:
                yield f"{plan.title}: {len(found)} projects"
                continue
            times: Counter[str] = Counter()
            for task in pull_tasks(running.connection, found[0]):
                name = task["data"]["sentence_id"]
                times[name] += 1
                if task["data"]["text"] != corpus.sentences[name].text:
                    yield f"{plan.title}: {name} has another text"
                answers = [answer_of(answer) for answer in task["annotations"]]
                wanted = self.there.get((plan.annotator, name))
                if answers != ([wanted] if wanted else []):
                    yield f"{plan.title}: {name} has {answers}, given was {wanted}"
            if times != Counter(corpus.sentences.keys()):
                yield f"{plan.title}: tasks are missing or double: {times.most_common(3)} ..."
        lines: dict[tuple[str, str], list[str]] = {}
        for item in corpus.annotations.get("pilot", []):
            said = item.stance if item.status == "done" else item.status
            lines.setdefault((item.annotator, item.sentence_id), []).append(str(said))
        for key, stored in lines.items():
            given = self.given.get(key, [])
            if not is_part(stored, given):
                yield f"{key}: stored {stored}, given was {given}"
        for key in self.there:
            if lines.get(key, [None])[-1] != self.given[key][-1]:
                yield f"{key}: stored {lines.get(key)}, given was {self.given[key]}"
        for key, surely in self.sure.items():
            if surely not in lines.get(key, ()):
                yield f"{key}: {surely} was stored and is lost"
        self.sure = {key: stored[-1] for key, stored in lines.items()}


def answer_of(answer: Any) -> str:
    if answer["was_cancelled"]:
        return SKIPPED
    return str(answer["result"][0]["value"]["choices"][0])


def is_part(stored: list[str], given: list[str]) -> bool:
    """True when ``stored`` are some of ``given``, in their order, and never one twice in a row."""
    rest = iter(given)
    in_order = all(item in rest for item in stored)
    return in_order and all(one != next_ for one, next_ in itertools.pairwise(stored))


def disturbed(running: Server, people: People, chance: random.Random, chunk: int) -> str:
    """A sync with one fault at one request; what it was."""
    kind = chance.choice(KINDS)
    number = chance.randint(1, people_requests(people, chunk))
    when = chance.choice(["before", "during", "after"])
    process: subprocess.Popen[bytes] | None = None
    if kind == "meddle":
        when = "before"
        strike: Any = Strike(when, lambda: people.act(running, chance, 3))
    elif kind == "kill-server":
        strike = Strike(when, running.kill)
    elif kind == "kill-client":
        strike = Strike(when, lambda: process and process.kill())
    else:
        strike, when = kind, ""
    said = f"{kind} {when} request {number}"
    running.proxy.schedule({number: strike})
    if kind == "kill-client":
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", CLIENT, str(chunk), "--corpus", people.corpus.path],
            cwd=ROOT,
            env=os.environ
            | {
                "PYTHONPATH": str(ROOT),
                "LABEL_STUDIO_URL": running.proxy.url,
                "LABEL_STUDIO_API_KEY": running.token,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        out, _ = process.communicate()
        if b"Traceback" in out:
            sys.exit(out.decode())
        return said + (" (killed)" if process.returncode == -signal.SIGKILL else " (missed)")
    try:
        sync_through(running.proxy, running.token, people.corpus.path)
    except CorpusError as error:
        return f"{said} ({type(error).__name__})"
    return said + " (came through)"


def people_requests(people: People, chunk: int) -> int:
    """About as many requests as a sync has."""
    return 24 + 6 * (len(people.corpus.sentences) // chunk)


def main() -> int:
    options = parse()
    transfer.CHUNK = transfer.PAGE = options.chunk
    sending.SETTLE_SECONDS, sending.POLL_SECONDS = 5.0, 0.1
    kinds: Counter[str] = Counter()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        running = Server(Path(folder) / "data", stack)
        people = None
        for number in range(1, options.rounds + 1):
            chance = random.Random(f"{options.seed}:{number}")
            if people is None or number % FRESH == 1:
                name = f"soak-{options.seed}-{number}"
                if people is not None:
                    shutil.rmtree(people.corpus.path)
                people = People(Path(folder) / name, options.size, name)
            else:
                people.act(running, chance, options.acts)
            fault = disturbed(running, people, chance, options.chunk)
            running.revive()
            sync_all(running.connection, people.corpus.path)
            running.proxy.settle()
            wrong = list(people.differences(running))
            kinds[fault.split()[0]] += 1
            seconds = time.monotonic() - started
            print(f"{number:>5} {seconds:>7.0f} s  {fault}", flush=True)
            if wrong:
                print(f"seed {options.seed}, round {number}, {fault}:")
                print("\n".join(wrong[:20]))
                return 1
    counts = ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))
    print(f"{options.rounds} rounds of {options.size} sentences, all mended: {counts}")
    return 0


def parse() -> argparse.Namespace:
    command = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = command.add_argument
    add("--rounds", type=int, default=300)
    add("--seed", type=int, default=1)
    add("--size", type=int, default=40, help="sentences; each has a task for two annotators")
    add("--chunk", type=int, default=10, help="tasks a request")
    add("--acts", type=int, default=4, help="what people do in a round and project, at most")
    return command.parse_args()


if __name__ == "__main__":
    sys.exit(main())
