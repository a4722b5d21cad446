"""Which images stand where while up to four are compared."""

from __future__ import annotations

from collections.abc import Sequence

from engine.data.records import Source
from reviewapp.study.model import ImageRow

#: slots of a pair, left to right
SIDES: tuple[Source, Source] = ("real", "generated")
MOST = 4


class CompareSlots:
    """A pair (real on the left, generated on the right), or two to four images of any kind.

    Of a pair, a locked slot keeps its image. ``front`` is the slot of the image chosen last.
    """

    def __init__(self) -> None:
        self._images: list[ImageRow | None] = [None] * MOST
        self._locked: set[int] = set()
        self._several = 0
        self.front = 0

    def image(self, slot: int) -> ImageRow | None:
        """The image of a slot."""
        return self._images[slot]

    @property
    def several(self) -> bool:
        """Whether images of any kind are compared instead of a pair."""
        return self._several > 0

    def shown(self, pair: bool) -> list[int]:
        """The slots to show: those of the several images, both of a ``pair``, or the front one."""
        if self._several:
            return list(range(self._several))
        return list(range(len(SIDES))) if pair else [self.front]

    def lock(self, slot: int, locked: bool) -> None:
        """Keep the slot's image, or let it change again."""
        if locked:
            self._locked.add(slot)
        else:
            self._locked.discard(slot)

    def place(self, image: ImageRow) -> int | None:
        """Put one image on the side of its source; None where that side is locked."""
        slot = SIDES.index(image.source)
        if slot in self._locked:
            return None
        if self._several:
            self._leave_several()
        self._images[slot] = image
        self.front = slot
        return slot

    def choose(self, images: Sequence[ImageRow]) -> None:
        """Compare these, in this order; the first `MOST` of them."""
        chosen = list(images[:MOST])
        self._locked.clear()
        self._several = len(chosen)
        self._images = [*chosen, *[None] * (MOST - len(chosen))]
        self.front = len(chosen) - 1

    def clear(self) -> None:
        """Empty all slots and unlock them."""
        self._images = [None] * MOST
        self._locked.clear()
        self._several = 0
        self.front = 0

    def _leave_several(self) -> None:
        """Back to a pair: of the compared images the first of each source stays."""
        kept = [image for image in self._images if image is not None]
        sides = [next((i for i in kept if i.source == side), None) for side in SIDES]
        self._images = [*sides, *[None] * (MOST - len(sides))]
        self._several = 0
