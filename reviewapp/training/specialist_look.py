"""A short blinded session on a checkpoint that the guard, or the user, finds suspicious."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from engine.progress import CancelCheck, ProgressReport
from engine.workspace import Workspace
from reviewapp.study.errors import ProtocolError
from reviewapp.study.model import ImageFilter, Study
from reviewapp.study.protocol import Protocol, parse_protocol
from reviewapp.study.store import StudyStore

#: images of each kind: some minutes of a specialist's time
USUAL_IMAGES = 20
_PROTOCOL_ID = "guard-look"
_SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class SpecialistLook:
    """``n`` new images of a run's checkpoint at ``step`` among as many real ones."""

    run_id: str
    dataset: str
    step: int
    n: int
    name: str
    passphrase: str

    def protocol(self, n_real: int) -> Protocol:
        """One image at a time, six steps of confidence, no repeats; raises `ProtocolError`."""
        values = {
            "protocol_id": _PROTOCOL_ID,
            "title": "Look at a checkpoint",
            "description": f"{self.run_id}, step {self.step}",
            "datasets": [self.dataset],
            "runs": [self.run_id],
            "steps": [self.step],
            "n_real": min(self.n, n_real),
            "n_generated": self.n,
            "repeats_fraction": 0.0,
        }
        return parse_protocol(values, "The session")


def make_look(
    workspace: Workspace,
    store: StudyStore,
    look: SpecialistLook,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> Study:
    """Draw the images, and seal them with real ones in a study that is ready to be read.

    Raises the engine's errors (a checkpoint that is gone, say), those of the study, `Cancelled`.
    Images drawn before a failure stay in the library.
    """
    from engine.generation import generate_batch

    n_real = store.count_images(ImageFilter(dataset=look.dataset, source="real"))
    if n_real == 0:
        raise ProtocolError(
            f"There are no real images of '{look.dataset}' any more to show among the generated "
            "ones. Import the data set again."
        )
    protocol = look.protocol(n_real)
    generate_batch(
        workspace,
        look.run_id,
        look.n,
        # Others than those that somebody may have seen on the Browse page.
        secrets.randbelow(_SEEDS),
        checkpoint_step=look.step,
        progress=progress,
        cancelled=cancelled,
    )
    store.sync_library()
    return store.create_study(
        look.name, protocol, look.passphrase, progress=progress, cancelled=cancelled
    )
