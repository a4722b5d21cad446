"""The tables of the study database, in portable SQL types; times are ISO 8601 text in UTC."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

#: raised by one with every change of a table, with a revision in `migrations`; an app never opens a
#: database with a newer one
SCHEMA_VERSION = 6

#: the columns that images are counted by
FACETS = ("dataset", "source", "variant", "class_label", "split", "run_id", "checkpoint_step")

metadata = MetaData()

schema_info = Table("schema_info", metadata, Column("version", Integer, nullable=False))

images = Table(
    "images",
    metadata,
    Column("record_id", String(300), primary_key=True),
    Column("key", String(64), nullable=False, index=True),
    Column("dataset", String(80), nullable=False),
    Column("source", String(16), nullable=False),
    Column("class_label", String(80), nullable=False),
    Column("patient", String(120), nullable=False),
    Column("split", String(16), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("channels", Integer, nullable=False),
    Column("bit_depth", Integer, nullable=False),
    Column("spacing_mm", Float),
    Column("origin", Text, nullable=False),
    Column("variant", String(80), nullable=False),
    Column("run_id", String(80), nullable=False),
    Column("checkpoint_step", BigInteger),
    Column("seed", BigInteger),
    Column("sample_index", BigInteger),
    Column("attributes", JSON, nullable=False),
    Column("manifest", String(200), nullable=False, index=True),
    # Whether it is shown in its sequence only; from the attributes, where no index reaches it.
    Column("cine", Boolean, nullable=False, server_default=false()),
    Index("images_in_order", "cine", "dataset", "source", "run_id", "record_id"),
    Index("images_by_facets", "cine", *FACETS),
)

# The mean of every uncertainty map, measured from its file so that images can be sorted by it.
map_means = Table(
    "map_means",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("kind", String(80), primary_key=True),
    Column("mean", Float, nullable=False),
    Column("unit", String(80), nullable=False),
    # size and time of the file, so that a map that was made again is measured again
    Column("fingerprint", String(80), nullable=False),
)

manifests = Table(
    "manifests",
    metadata,
    Column("path", String(200), primary_key=True),
    Column("fingerprint", String(80), nullable=False),
)

readers = Table(
    "readers",
    metadata,
    Column("reader_id", String(40), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("specialty", String(120), nullable=False),
    Column("experience_years", Float),
    Column("role", String(16), nullable=False, server_default=""),
    Column("created_at", String(32), nullable=False),
)

studies = Table(
    "studies",
    metadata,
    Column("study_id", String(40), primary_key=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("protocol", Text, nullable=False),
    Column("protocol_sha256", String(64), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("frozen_at", String(32)),
    Column("unblinded_at", String(32)),
    Column("sealed_truth", LargeBinary, nullable=False),
)

# Neither this table nor the trials may hold a source, record id or library key of a scored image:
# whoever reads the database during a study must not learn the truth from it.
presented_images = Table(
    "presented_images",
    metadata,
    Column("study_id", ForeignKey("studies.study_id"), primary_key=True),
    Column("image_id", String(40), primary_key=True),
    Column("presented_key", String(64), nullable=False),
    Column("dataset", String(80), nullable=False),
    Column("class_label", String(80), nullable=False),
    Column("training_truth", String(16)),
    Column("block_group", Integer, nullable=False),
    Column("repeat_group", Integer),
    # Of two images shown side by side: their common id, and this one's side on either showing.
    Column("pair_id", String(40)),
    Column("side", String(8)),
    Column("repeat_side", String(8)),
)

presented_frames = Table(
    "presented_frames",
    metadata,
    Column("study_id", ForeignKey("studies.study_id"), primary_key=True),
    Column("image_id", String(40), primary_key=True),
    Column("frame_index", Integer, primary_key=True, autoincrement=False),
    Column("presented_key", String(64), nullable=False),
)

# The report, which names what tells real from generated, is sealed; the numbers alone are open.
leak_audits = Table(
    "leak_audits",
    metadata,
    Column("audit_id", Integer, primary_key=True),
    Column("study_id", ForeignKey("studies.study_id"), nullable=False),
    Column("at", String(32), nullable=False),
    Column("auc", Float),
    Column("lower", Float),
    Column("upper", Float),
    Column("n_real", Integer, nullable=False),
    Column("n_generated", Integer, nullable=False),
    Column("warns", Boolean, nullable=False),
    Column("protocol_sha256", String(64), nullable=False),
    Column("sealed_report", LargeBinary, nullable=False),
)

# A pack that this workspace has issued to a reader, or (in the reader's workspace) was made from.
packs = Table(
    "packs",
    metadata,
    Column("pack_id", String(40), primary_key=True),
    Column("study_id", ForeignKey("studies.study_id"), nullable=False),
    Column("reader_id", ForeignKey("readers.reader_id"), nullable=False),
    Column("session_id", ForeignKey("sessions.session_id"), nullable=False),
    Column("opened_here", Boolean, nullable=False),
    # Whether the study's last leak audit warned when the pack was made; never what it found.
    Column("leak_warns", Boolean, nullable=False, server_default=false()),
    Column("code", String(40), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("cancelled_at", String(32)),
    Column("merged_at", String(32)),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", String(40), primary_key=True),
    Column("study_id", ForeignKey("studies.study_id"), nullable=False),
    Column("reader_id", ForeignKey("readers.reader_id"), nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("finished_at", String(32)),
    UniqueConstraint("study_id", "reader_id"),
)

session_leases = Table(
    "session_leases",
    metadata,
    Column("session_id", ForeignKey("sessions.session_id"), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process_started", Float, nullable=False),
    Column("renewed_at", String(32), nullable=False),
)

# Whether a session's ratings may train a generator; of several rows the one with the latest time
# counts, so that a reader can change it and the earlier answers stay.
consents = Table(
    "consents",
    metadata,
    Column("consent_id", String(64), primary_key=True),
    Column("session_id", ForeignKey("sessions.session_id"), nullable=False, index=True),
    Column("given", Boolean, nullable=False),
    Column("at", String(32), nullable=False),
)

trials = Table(
    "trials",
    metadata,
    Column("session_id", ForeignKey("sessions.session_id"), primary_key=True),
    Column("trial_index", Integer, primary_key=True, autoincrement=False),
    Column("block", Integer, nullable=False),
    Column("is_training", Boolean, nullable=False),
    Column("is_repeat", Boolean, nullable=False),
    Column("image_id", String(40), nullable=False),
    Column("right_image_id", String(40)),
)

answers = Table(
    "answers",
    metadata,
    Column("answer_id", String(64), primary_key=True),
    Column("session_id", String(40), nullable=False),
    Column("trial_index", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("confidence", Integer),
    Column("response", String(16), nullable=False),
    Column("response_time_ms", Float, nullable=False),
    Column("shown_at", String(32), nullable=False),
    Column("answered_at", String(32), nullable=False),
    Column("exposure_ms", Integer),
    Column("window_center", Float),
    Column("window_width", Float),
    Column("zoom", Float),
    Column("inverted", Boolean),
    Column("comment", Text, nullable=False),
    Column("app_version", String(40), nullable=False),
    Column("n_showings", Integer),
    Column("frame_interval_ms", Float),
    UniqueConstraint("session_id", "trial_index", "revision"),
    ForeignKeyConstraint(
        ["session_id", "trial_index"], ["trials.session_id", "trials.trial_index"]
    ),
    CheckConstraint("confidence BETWEEN 1 AND 6"),
)

marks = Table(
    "marks",
    metadata,
    Column("mark_id", String(64), primary_key=True),
    Column("session_id", String(40), nullable=False),
    Column("trial_index", Integer, nullable=False),
    Column("shape", String(16), nullable=False),
    Column("x", Float, nullable=False),
    Column("y", Float, nullable=False),
    Column("w", Float, nullable=False),
    Column("h", Float, nullable=False),
    Column("reason", String(80), nullable=False),
    Column("side", String(8), nullable=False, server_default=""),
    Column("points", Text, nullable=False, server_default="[]"),
    ForeignKeyConstraint(
        ["session_id", "trial_index"], ["trials.session_id", "trials.trial_index"]
    ),
)

withdrawn_marks = Table(
    "withdrawn_marks",
    metadata,
    Column("mark_id", ForeignKey("marks.mark_id"), primary_key=True),
    Column("at", String(32), nullable=False),
)

truths = Table(
    "truths",
    metadata,
    Column("study_id", ForeignKey("studies.study_id"), primary_key=True),
    Column("image_id", String(40), primary_key=True),
    Column("record_id", String(300), nullable=False),
    Column("key", String(64), nullable=False),
    Column("source", String(16), nullable=False),
    Column("dataset", String(80), nullable=False),
    Column("class_label", String(80), nullable=False),
    Column("variant", String(80), nullable=False),
    Column("run_id", String(80), nullable=False),
    Column("checkpoint_step", BigInteger),
)

# What specialists call library images; of several rows of an image the latest counts, and a blank
# class takes the one before back.
class_labels = Table(
    "class_labels",
    metadata,
    Column("label_id", Integer, primary_key=True),
    Column("record_id", String(300), nullable=False, index=True),
    Column("key", String(64), nullable=False),
    Column("dataset", String(80), nullable=False),
    Column("class_name", String(80), nullable=False),
    Column("reader", String(120), nullable=False),
    Column("at", String(32), nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("event_id", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("study_id", String(40), nullable=False),
    Column("session_id", String(40), nullable=False),
    Column("detail", Text, nullable=False),
)

# What was done to every audited row: a chain of hashes, one entry a change; see `audit_trail`.
audit_trail = Table(
    "audit_trail",
    metadata,
    # From 1 without gaps; in SQLite only an INTEGER key is the row's own number.
    Column(
        "seq",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("at", String(32), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("table_name", String(40), nullable=False),
    Column("row_key", Text, nullable=False),
    Column("row_sha256", String(64), nullable=False),
    Column("previous_sha256", String(64), nullable=False),
    Column("entry_sha256", String(64), nullable=False),
)

#: tables whose rows are never changed or removed
APPEND_ONLY: tuple[Table, ...] = (
    answers,
    marks,
    withdrawn_marks,
    consents,
    class_labels,
    events,
    audit_trail,
)

for _table in metadata.tables.values():
    for _column in _table.columns:
        if isinstance(_column.type, String):
            # The order of Python and of SQLite, whatever language the server speaks.
            _column.type = _column.type.with_variant(
                type(_column.type)(_column.type.length, collation="C"), "postgresql"
            )
