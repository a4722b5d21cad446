"""Reading packs killed on their way out, open, back and in: whole or not at all, repeatable."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from engine.interrupted_writes import tidy
from engine.workspace import Workspace
from reviewapp.study.model import Study
from reviewapp.study.pack_container import read_pack
from reviewapp.study.pack_opening import open_pack
from reviewapp.study.reading_pack import IssuedPack
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now
from tests.faults.app_start import start_app
from tests.faults.killer import Extent, Killer, Outcome, Series


@dataclass
class Packs:
    """A coordinator's workspace before and after a pack is issued, and the reader's."""

    before: Path
    issued: Path
    study: Study
    reader_id: str
    pack: IssuedPack
    reader: Path
    first_results: Path
    results: Path


def prepare(workspace: Workspace, study: Study, reader_id: str, folder: Path) -> Packs:
    """Issue a pack, open it, rate a half, write results, rate the rest, write them again."""
    folder.mkdir()
    before = folder / "before"
    shutil.copytree(workspace.root, before)
    store = StudyStore.open(workspace)
    pack = store.make_pack(study.study_id, reader_id, folder / "issued.pack")
    store.close()
    issued = folder / "issued"
    shutil.copytree(workspace.root, issued)
    opened = open_pack(pack.path, pack.code, folder / "reader")
    reader = StudyStore.open(opened)
    session = RatingSession(reader, reader.open_session(study.study_id, reader_id))
    _rate(session, 6)
    reader.write_pack_results(folder / "first.results")
    _rate(session, None)
    reader.write_pack_results(folder / "all.results")
    reader.close()
    return Packs(
        before,
        issued,
        study,
        reader_id,
        pack,
        opened.root,
        folder / "first.results",
        folder / "all.results",
    )


def _rate(session: RatingSession, most: int | None) -> None:
    while not session.finished and (most is None or session.progress.answered < most):
        session.end_break()
        session.answer(3, 500.0, utc_now(), utc_now())
        session.advance()


def kill_packs(killer: Killer, packs: Packs, folder: Path, kills: int, seed: int) -> Series:
    """Kill each way that a pack goes; half of all kills come while results are merged."""
    rng = random.Random(seed)
    series = Series("merging", seed)
    folder.mkdir()
    ways = (_kill_issuing, _kill_opening, _kill_writing, _kill_merging)
    extents: dict[object, Extent] = {}
    while series.kills < kills:
        way = rng.choices(ways, (1, 1, 1, 3))[0]
        place = folder / f"{series.tries}"
        place.mkdir()
        outcome, found = way(killer, rng, packs, place, extents)
        series.count(outcome)
        series.note(found)
        shutil.rmtree(place)
    return series


def _kill(
    killer: Killer,
    rng: random.Random,
    extents: dict[object, Extent],
    operation: str,
    measured: dict[str, object],
    killed: dict[str, object],
) -> Outcome:
    if operation not in extents:
        extents[operation] = killer.measure(operation, **measured)
    return killer.kill(rng, extents[operation], operation, **killed)


def copied(source: Path, target: Path) -> Path:
    """A copy of a folder."""
    shutil.copytree(source, target)
    return target


def _kill_issuing(
    killer: Killer, rng: random.Random, packs: Packs, place: Path, extents: dict[object, Extent]
) -> tuple[Outcome, str]:
    def arguments(name: str) -> dict[str, object]:
        return {
            "root": copied(packs.before, place / name),
            "study_id": packs.study.study_id,
            "reader_id": packs.reader_id,
            "path": place / f"{name}.pack",
        }

    outcome = _kill(killer, rng, extents, "make_pack", arguments("measured"), arguments("killed"))
    path = place / "killed.pack"
    store = StudyStore.open(Workspace(place / "killed"))
    known = store.packs(packs.study.study_id)
    if known:
        # Noted here: the file is whole, and its code is kept beside it.
        read_pack(path, known[0].code, "reading")
        code = known[0].code
    else:
        # Nothing holds the session back; the pack is made anew.
        code = store.make_pack(packs.study.study_id, packs.reader_id, path).code
    store.close()
    opened = StudyStore.open(open_pack(path, code, place / "opened"))
    assert opened.opened_pack() is not None
    opened.close()
    tidy(place)
    start_app(Workspace(place / "killed"))
    assert not list(place.rglob("*.part"))
    return outcome, "issued" if known else "not issued"


def _kill_opening(
    killer: Killer, rng: random.Random, packs: Packs, place: Path, extents: dict[object, Extent]
) -> tuple[Outcome, str]:
    def arguments(name: str) -> dict[str, object]:
        return {"path": packs.pack.path, "code": packs.pack.code, "folder": place / name}

    outcome = _kill(killer, rng, extents, "open_pack", arguments("measured"), arguments("killed"))
    target = place / "killed"
    was_there = target.exists()
    if was_there:
        _check_reader_workspace(Workspace(target), packs)
    _check_reader_workspace(open_pack(packs.pack.path, packs.pack.code, target), packs)
    assert not list(place.rglob("*.part"))
    return outcome, "opened" if was_there else "not opened"


def _check_reader_workspace(workspace: Workspace, packs: Packs) -> None:
    store = StudyStore.open(workspace)
    session = RatingSession(store, store.open_session(packs.study.study_id, packs.reader_id))
    current = session.current
    assert current is not None
    assert all(path.is_file() for path in (current.path, *session.upcoming(100)))
    session.pause()
    store.close()


def _kill_writing(
    killer: Killer, rng: random.Random, packs: Packs, place: Path, extents: dict[object, Extent]
) -> tuple[Outcome, str]:
    root = copied(packs.reader, place / "reader")
    path = place / "killed.results"
    shutil.copyfile(packs.first_results, path)
    outcome = _kill(
        killer,
        rng,
        extents,
        "write_results",
        {"root": root, "path": place / "measured.results"},
        {"root": root, "path": path},
    )
    replaced = path.read_bytes() != packs.first_results.read_bytes()
    read_pack(path, packs.pack.code, "results")
    tidy(place)
    assert not list(place.rglob("*.part"))
    return outcome, "results written" if replaced else "results as before"


def _kill_merging(
    killer: Killer, rng: random.Random, packs: Packs, place: Path, extents: dict[object, Extent]
) -> tuple[Outcome, str]:
    def arguments(name: str) -> dict[str, object]:
        return {"root": copied(packs.issued, place / name), "path": packs.results}

    measured, killed = arguments("measured"), arguments("killed")
    workspace = Workspace(place / "killed")
    before = 0
    if rng.random() < 0.5:
        store = StudyStore.open(workspace)
        before = store.merge_pack_results(packs.first_results).n_new_answers
        store.close()
    outcome = _kill(killer, rng, extents, "merge", measured, killed)
    reader = StudyStore.open(Workspace(packs.reader))
    (session,) = reader.sessions(packs.study.study_id)
    wanted = reader.latest_answers(session.session_id)
    reader.close()
    store = StudyStore.open(workspace)
    known = store.latest_answers(session.session_id)
    assert len(known) in (before, len(wanted))
    again = store.merge_pack_results(packs.results)
    assert again.n_new_answers == len(wanted) - len(known)
    assert again.finished
    assert store.latest_answers(session.session_id) == wanted
    with store._database.read() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM answers").scalar()
    assert count == len(wanted)
    assert store.merge_pack_results(packs.results).n_new_answers == 0
    store.close()
    start_app(workspace)
    return outcome, "merged" if len(known) == len(wanted) else "not merged"
