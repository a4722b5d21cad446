"""Many readers at once, each in a process of its own, while one process analyses.

Run: ``python benchmarks/many_readers.py [--readers 20] [--seconds 60] [--pace 0]
[--databases sqlite postgresql] [--url URL]``.

Every reader answers as fast as the database takes it, or once in ``--pace`` seconds on average, and
keeps a log of what was acknowledged. Prints answers/s and how long an answer took until it was on
the disk, and compares the database with the logs: nothing lost, nothing doubled, nothing seen by
another reader. PostgreSQL is a server started for this with its default durability, or the empty
database of ``--url``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

import numpy as np

from benchmarks.postgresql_server import PostgresqlServer
from engine.data.content_store import write_image
from engine.data.manifest import write_manifest
from engine.data.records import ImageRecord
from engine.workspace import Workspace
from reviewapp.study.analysis.study_analysis import analyse_study
from reviewapp.study.errors import StoreError
from reviewapp.study.model import AnswerDraft, Reader
from reviewapp.study.protocol import Protocol
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

_PASSPHRASE = "many readers"
#: answers between two looks at what the session shows
_LOOK_EVERY = 25


@dataclass
class ReaderLog:
    """What one reader was told; ``acknowledged`` has trial and confidence by answer id, in order.

    ``wrong`` are sentences about what it should not have seen, ``failed`` how often an answer was
    refused and tried again.
    """

    reader_id: str
    session_id: str
    acknowledged: dict[str, tuple[int, int]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    failed: int = 0


@dataclass(frozen=True)
class Measured:
    """Answers of all readers; times in milliseconds from the call to the commit."""

    n_answers: int
    per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    n_failed: int
    n_analyses: int
    problems: tuple[str, ...]


def measure(
    folder: Path,
    url: str | None,
    readers: int,
    seconds: float,
    pace_s: float = 0.0,
    n_images: int = 200,
) -> Measured:
    """Have readers rate a new study for so long; ``url`` None is the folder's SQLite file."""
    workspace = Workspace.create(folder)
    if url is not None:
        workspace.settings.write_text(f'[database]\nurl = "{url}"\n', encoding="utf-8")
    with contextlib.closing(StudyStore.open(workspace)) as store:
        _make_library(workspace, n_images)
        store.sync_library()
        study = store.create_study("Many readers", _protocol(n_images), _PASSPHRASE)
        names = [store.add_reader(Reader(f"R{n:02d}")).reader_id for n in range(readers)]
    spawn = multiprocessing.get_context("spawn")
    began, ended = spawn.Barrier(readers + 2), spawn.Event()
    jobs = [(_rate, (folder, study.study_id, name, pace_s, began, ended)) for name in names]
    jobs.append((_analyse, (folder, study.study_id, began, ended)))
    processes = [spawn.Process(target=job, args=arguments) for job, arguments in jobs]
    try:
        for process in processes:
            process.start()
        began.wait(300)
        start = time.perf_counter()
        time.sleep(seconds)
        ended.set()
        duration = time.perf_counter() - start
        for process in processes:
            process.join(120)
    finally:
        for process in processes:
            if process.is_alive():
                process.kill()
    problems = [f"a process ended with {p.exitcode}" for p in processes if p.exitcode != 0]
    logs = [_read_log(folder, name) for name in names if _log_path(folder, name).is_file()]
    analyst = json.loads(_log_path(folder, "analyst").read_text(encoding="utf-8"))
    problems += analyst["wrong"]
    with contextlib.closing(StudyStore.open(workspace)) as store:
        problems += _compare(store, study.study_id, logs)
    times = np.array([second for log in logs for second in log.seconds]) * 1000
    p50, p99 = np.percentile(times, (50, 99))
    return Measured(
        n_answers=len(times),
        per_second=len(times) / duration,
        p50_ms=float(p50),
        p99_ms=float(p99),
        max_ms=float(times.max()),
        n_failed=sum(log.failed for log in logs),
        n_analyses=analyst["n_analyses"],
        problems=tuple(problems),
    )


def _protocol(n_images: int) -> Protocol:
    return Protocol(
        protocol_id="many",
        title="Many readers",
        n_real=n_images // 2,
        n_generated=n_images // 2,
        repeats_fraction=0.1,
        block_size=1000,
        size_px=64,
        seed=3,
    )


def _make_library(workspace: Workspace, n_images: int) -> None:
    rng = np.random.default_rng(5)
    records = [
        ImageRecord(
            record_id=f"{'generated' if number % 2 else 'real'}/{number:04d}",
            key=write_image(workspace, rng.integers(0, 65536, (64, 64)).astype(np.uint16)),
            dataset="acdc",
            source="generated" if number % 2 else "real",
            width=64,
            height=64,
            channels=1,
            bit_depth=16,
            variant="dcgan" if number % 2 else "",
            run_id="many-run" if number % 2 else "",
        )
        for number in range(n_images)
    ]
    write_manifest(workspace.manifest_path("acdc"), records[::2])
    workspace.run_path("many-run").mkdir()
    write_manifest(workspace.run_path("many-run") / "generated.jsonl", records[1::2])


def _rate(
    folder: Path, study_id: str, reader_id: str, pace_s: float, began: Barrier, ended: Event
) -> None:
    """One reader: the trials in their order, then, as a reader may, earlier answers changed."""
    rng = random.Random(reader_id)
    with contextlib.closing(StudyStore.open(Workspace(folder))) as store:
        info = store.open_session(study_id, reader_id)
        log = ReaderLog(reader_id, info.session_id)
        trials = store.trials(info.session_id)
        began.wait(300)
        count = 0
        while not ended.is_set():
            if pace_s:
                # Never the same moment for all, and on average as asked.
                time.sleep(rng.uniform(0, 2 * pace_s))
            # The last trial stays open, so that the session does too.
            trial_index = count % (len(trials) - 1)
            draft = AnswerDraft(
                confidence=rng.randint(1, 6),
                response_time_ms=1000.0,
                shown_at=utc_now(),
                answered_at=utc_now(),
                answer_id=f"{reader_id}-{count}",
            )
            start = time.perf_counter()
            while not _acknowledged(store, log, trial_index, draft):
                log.failed += 1
            log.seconds.append(time.perf_counter() - start)
            assert draft.confidence is not None
            log.acknowledged[draft.answer_id] = (trial_index, draft.confidence)
            count += 1
            if count % _LOOK_EVERY == 0:
                _look(store, log, [trial.image_id for trial in trials])
    _log_path(folder, reader_id).write_text(json.dumps(asdict(log)), encoding="utf-8")


def _acknowledged(store: StudyStore, log: ReaderLog, trial_index: int, draft: AnswerDraft) -> bool:
    try:
        store.record_answer(log.session_id, trial_index, draft)
    except StoreError as error:
        print(f"{log.reader_id}: {error}", flush=True)
        time.sleep(0.1)
        return False
    return True


def _look(store: StudyStore, log: ReaderLog, image_ids: list[str]) -> None:
    """Note where the session shows another's trial or answer."""
    session = RatingSession(store, store.session(log.session_id))
    current = session.current
    expected = min(len(log.acknowledged), len(image_ids) - 1)
    shown = None if current is None else (current.trial_index, current.image_id)
    if session.reader_id != log.reader_id or shown != (expected, image_ids[expected]):
        log.wrong.append(f"{log.reader_id} was shown {shown} of {session.reader_id}'s session")
    if [trial.image_id for trial in store.trials(log.session_id)] != image_ids:
        log.wrong.append(f"{log.reader_id}'s trials have changed")
    known = {trial: answer for answer, (trial, _) in log.acknowledged.items()}
    if known != {i: a.answer_id for i, a in store.latest_answers(log.session_id).items()}:
        log.wrong.append(f"{log.reader_id} sees other answers than its own latest ones")


def _analyse(folder: Path, study_id: str, began: Barrier, ended: Event) -> None:
    """Analyse the study again and again; each time it must be in one consistent, later state."""
    wrong: list[str] = []
    n_analyses = before = 0
    with contextlib.closing(StudyStore.open(Workspace(folder))) as store:
        began.wait(300)
        while not ended.is_set():
            analyse_study(store, study_id)
            n_analyses += 1
            answers = store.answers_of_study(study_id)
            for session_id, by_trial in answers.items():
                if sorted(by_trial) != list(range(len(by_trial))):
                    wrong.append(f"the analyst saw a gap in the answers of {session_id}")
            n_answers = sum(
                answer.revision for by_trial in answers.values() for answer in by_trial.values()
            )
            if n_answers < before:
                wrong.append(f"the analyst saw {n_answers} answers after {before}")
            before = n_answers
    _log_path(folder, "analyst").write_text(
        json.dumps({"n_analyses": n_analyses, "wrong": wrong}), encoding="utf-8"
    )


def _compare(store: StudyStore, study_id: str, logs: list[ReaderLog]) -> list[str]:
    """What the database has otherwise than the readers' own logs."""
    problems = [problem for log in logs for problem in log.wrong]
    by_reader = {info.reader_id: info.session_id for info in store.sessions(study_id)}
    if by_reader != {log.reader_id: log.session_id for log in logs}:
        problems.append("the sessions are not one of each reader")
    with store._database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT session_id, answer_id, trial_index, revision, confidence FROM answers "
            "ORDER BY session_id, trial_index, revision"
        ).all()
    doubled = [row for row, n in Counter(row.answer_id for row in rows).items() if n > 1]
    problems += [f"the answer {answer_id} is there twice" for answer_id in doubled]
    for log in logs:
        own = [row for row in rows if row.session_id == log.session_id]
        stored = {row.answer_id: (row.trial_index, row.confidence) for row in own}
        lost = log.acknowledged.keys() - stored.keys()
        foreign = stored.keys() - log.acknowledged.keys()
        problems += [f"{log.reader_id}'s answer {answer_id} is lost" for answer_id in lost]
        problems += [f"{log.reader_id}'s session has {answer_id}" for answer_id in foreign]
        if not lost and not foreign and stored != log.acknowledged:
            problems.append(f"{log.reader_id}'s answers were altered")
        revisions: dict[int, list[int]] = {}
        for row in own:
            revisions.setdefault(row.trial_index, []).append(row.revision)
        if any(found != list(range(1, len(found) + 1)) for found in revisions.values()):
            problems.append(f"{log.reader_id}'s revisions are not counted without gaps")
    if len(rows) != sum(len(log.acknowledged) for log in logs):
        problems.append(f"{len(rows)} answers are stored")
    return problems


def _log_path(folder: Path, name: str) -> Path:
    return folder / f"log-{name}.json"


def _read_log(folder: Path, name: str) -> ReaderLog:
    log = ReaderLog(**json.loads(_log_path(folder, name).read_text(encoding="utf-8")))
    log.acknowledged = {key: (i, c) for key, (i, c) in log.acknowledged.items()}
    return log


def _report(name: str, found: Measured) -> None:
    print(
        f"{name}: {found.n_answers} answers, {found.per_second:.1f} a second; an answer until it "
        f"was on the disk p50 {found.p50_ms:.1f} ms, p99 {found.p99_ms:.1f} ms, "
        f"max {found.max_ms:.0f} ms; {found.n_failed} tried again; {found.n_analyses} analyses"
    )
    for problem in found.problems[:20] or ("nothing lost, doubled or seen by another reader",):
        print(f"  {problem}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pace", type=float, default=0, help="seconds between a reader's answers")
    parser.add_argument(
        "--databases", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"]
    )
    parser.add_argument("--url", help="an empty PostgreSQL database, instead of a server made here")
    arguments = parser.parse_args()
    wanted = (arguments.readers, arguments.seconds, arguments.pace)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if os.name == "posix" else "?"
    print(f"{arguments.readers} readers, {os.cpu_count()} cores, load average before {load}")
    failed = False
    for name in arguments.databases:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = None
            if name == "postgresql":
                url = arguments.url
                if url is None:
                    server = stack.enter_context(PostgresqlServer.started())
                    name, url = f"PostgreSQL {server.version}", server.create_database()
            found = measure(folder / "workspace", url, *wanted)
            _report(name, found)
            failed = failed or bool(found.problems)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
