from __future__ import annotations

import random
import sqlite3

import pytest

from engine.errors import Cancelled
from engine.workspace import Workspace
from reviewapp.study.blinding import unseal
from reviewapp.study.errors import BlindingError, ProtocolError
from reviewapp.study.model import Reader, Study
from reviewapp.study.protocol import Protocol, Remedies, protocol_sha256
from reviewapp.study.statistics.estimate import Estimate
from reviewapp.study.store import StudyStore
from reviewapp.study.study_rows import unseal_study


@pytest.fixture
def leaky(store: StudyStore, protocol: Protocol, passphrase: str) -> Study:
    """Noise at twice and at once the native resolution: reducing it tells the real ones."""
    many = protocol.model_copy(update={"n_real": 16, "n_generated": 16})
    return store.create_study("Leaky", many, passphrase)


def presented(workspace: Workspace, study: Study) -> dict[str, str]:
    connection = sqlite3.connect(workspace.database)
    rows = connection.execute(
        "SELECT image_id, presented_key FROM presented_images WHERE study_id = ?",
        (study.study_id,),
    ).fetchall()
    connection.close()
    return dict(rows)


def test_an_audit_warns_names_the_reason_and_is_kept(
    store: StudyStore, leaky: Study, passphrase: str
) -> None:
    assert store.last_leak_audit(leaky.study_id) is None
    reports: list[tuple[int, int, str]] = []
    audit = store.audit_leaks(leaky.study_id, passphrase, lambda *report: reports.append(report))
    assert audit.warns
    assert (audit.n_real, audit.n_generated) == (18, 18)
    assert {feature.name for feature in audit.features[:4]} & {"deviation", "sharpness"}
    for feature in audit.features:
        assert feature.highest.is_file()
        assert feature.lowest.is_file()
    kept = store.last_leak_audit(leaky.study_id)
    assert kept is not None
    assert isinstance(audit.auc, Estimate)
    assert (kept.auc, kept.warns, kept.current) == (audit.auc.value, True, True)
    assert [done for done, _, _ in reports] == list(range(37))
    assert not any("real" in text or "generated" in text for _, _, text in reports)


def test_neither_log_nor_table_tells_what_gives_the_source_away(
    store: StudyStore, library: Workspace, leaky: Study, passphrase: str
) -> None:
    audit = store.audit_leaks(leaky.study_id, passphrase)
    telling = audit.features[0]
    (event,) = [e for e in store.events(leaky.study_id) if e.kind == "leak_audited"]
    assert "area" in event.detail
    assert "warning" in event.detail
    connection = sqlite3.connect(library.database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (sealed,) = connection.execute("SELECT sealed_report FROM leak_audits").fetchone()
    connection.close()
    raw = library.database.read_bytes()
    for word in (telling.name, telling.title, telling.description):
        assert word.encode() not in raw
        assert word not in event.detail
    report = unseal(sealed, passphrase, leaky.study_id)
    assert telling.name.encode() in report
    with pytest.raises(BlindingError):
        store.audit_leaks(leaky.study_id, "wrong passphrase")
    assert store.study(leaky.study_id).blinded


def test_remedies_render_anew_and_lower_the_area(
    store: StudyStore, library: Workspace, leaky: Study, passphrase: str
) -> None:
    before = store.audit_leaks(leaky.study_id, passphrase)
    old = presented(library, leaky)
    remedies = Remedies(match_histogram=True, match_sharpness=True, grey_levels=64)
    after = store.apply_remedies(leaky.study_id, passphrase, remedies)
    new = presented(library, leaky)
    assert old.keys() == new.keys()
    assert not set(old.values()) & set(new.values())
    assert all(library.image_path(key).is_file() for key in new.values())
    assert not any(library.image_path(key).exists() for key in old.values())
    study = store.study(leaky.study_id)
    assert study.protocol.remedies == after.remedies == remedies
    assert study.protocol_sha256 == protocol_sha256(study.protocol) != leaky.protocol_sha256
    assert isinstance(before.auc, Estimate)
    assert isinstance(after.auc, Estimate)
    assert after.auc.value < before.auc.value
    kinds = [event.kind for event in store.events(leaky.study_id)]
    assert kinds == ["study_created", "leak_audited", "remedies_applied", "leak_audited"]
    # Without an audit of its own, another protocol makes the old numbers out of date.
    store.change_protocol(
        leaky.study_id, study.protocol.model_copy(update={"title": "Other words"})
    )
    assert store.last_leak_audit(leaky.study_id).current is False


def test_the_truth_still_fits_after_remedies(
    store: StudyStore, library: Workspace, leaky: Study, passphrase: str
) -> None:
    from reviewapp.study.blinding import presented_key

    store.apply_remedies(leaky.study_id, passphrase, Remedies(crop_border=0.1))
    secrets = unseal_study(store._database, leaky.study_id, passphrase)
    new = presented(library, leaky)
    assert {truth.image_id for truth in secrets.truths} == set(new)
    for key in new.values():
        content = library.image_path(key).read_bytes()
        assert presented_key(secrets.study_key, content) == key


def test_after_the_first_trial_images_stay_as_they_are(
    store: StudyStore, library: Workspace, leaky: Study, reader: Reader, passphrase: str
) -> None:
    store.open_session(leaky.study_id, reader.reader_id)
    before = presented(library, leaky)
    files = set(library.images.rglob("*.png"))
    with pytest.raises(ProtocolError, match="Make a new study"):
        store.apply_remedies(leaky.study_id, passphrase, Remedies(match_histogram=True))
    assert presented(library, leaky) == before
    assert set(library.images.rglob("*.png")) == files
    assert store.audit_leaks(leaky.study_id, passphrase).warns


def test_cancelled_remedies_change_nothing(
    store: StudyStore, library: Workspace, leaky: Study, passphrase: str
) -> None:
    files = set(library.images.rglob("*.png"))
    calls = random.Random(1).randint(5, 30)

    def cancelled() -> bool:
        nonlocal calls
        calls -= 1
        return calls < 0

    with pytest.raises(Cancelled):
        store.apply_remedies(
            leaky.study_id, passphrase, Remedies(grey_levels=16), cancelled=cancelled
        )
    assert set(library.images.rglob("*.png")) == files
    assert store.study(leaky.study_id) == leaky
