"""Start a Label Studio server on this machine, with a project for every annotator of the corpus."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from corpus.cli import corpus_parser, count, make_command, run, say
from corpus.files import one_at_a_time
from corpus.findings import CorpusError
from corpus.folder import Corpus, read_corpus
from corpus.label_studio import client, projects, server, sync
from corpus.label_studio.failures import LostReplyError

ROOT = Path(__file__).resolve().parents[1]

EXAMPLES = """\
  python scripts/run_label_studio.py --corpus seeds --port 8080"""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--port", type=int, default=server.PORT, help="a free port")
    add("--data", type=Path, default=server.data_folder(), help="where the server keeps its data")
    add(
        "--environment",
        type=Path,
        default=Path(os.environ.get("LABEL_STUDIO_VENV") or ROOT / ".venv-label-studio"),
        help="virtual environment with the server (LABEL_STUDIO_VENV)",
    )
    allow = "let it call addresses of this machine and its network: `make backend` needs that"
    add("--allow-backend", action="store_true", help=allow)
    return command.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    options = parse(argv)
    corpus = read_corpus(options.corpus)
    command = server.executable(options.environment)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops like Ctrl-C
    try:
        with server.running_server(
            command,
            options.data.absolute(),
            port=options.port,
            say=say,
            allow_backend=options.allow_backend,
        ) as running:
            with one_at_a_time(options.corpus):
                print_projects(running, corpus, server.make_variables(options.data))
            code = running.process.wait()
            say(f"Label Studio stopped by itself (exit code {code}): {running.data}/server.log")
            return 1
    except KeyboardInterrupt:
        say("Label Studio is stopped.")
        return 0


def print_projects(
    running: server.LocalServer, corpus: Corpus, variables: Mapping[str, str]
) -> None:
    print(f"Label Studio: {running.url}")
    print(f"  user      {running.credentials.user}")
    print(f"  password  in {server.credentials_path(running.data)}")
    following, ready = make_command("sync", corpus.path, **variables), 0
    with client.connect(running.url, running.credentials.token) as connection:
        plans = sync.due(connection, corpus)
        for plan in plans:
            try:
                done = sync.push(connection, corpus, plan)
            except LostReplyError:
                raise
            except CorpusError as error:
                say(str(error))
                continue
            ready += 1
            link = projects.project_link(connection, done.project)
            print(f"  {plan.title:<26}{link} ({count(len(done.diff.new), 'new task')})")
            if done.reminder:
                print(f"    {done.reminder}")
            for finding in done.findings:
                say(str(finding))
    if not plans:
        batch = make_command("batch", corpus.path)
        print(f"  nothing to label: `{batch}` makes a batch, `{following}` brings it here.")
    print(f"{count(ready, 'project')} ready. Labels come back with `{following}`.", flush=True)
    say("Ctrl-C stops the server.")


if __name__ == "__main__":
    run(main)
