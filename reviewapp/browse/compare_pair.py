"""Which image stands on which side while a real and a generated one are compared."""

from __future__ import annotations

from engine.data.records import Source
from reviewapp.study.model import ImageRow

#: left to right
SIDES: tuple[Source, Source] = ("real", "generated")


class ComparePair:
    """Real on the left, generated on the right; a locked side keeps its image."""

    def __init__(self) -> None:
        self._images: dict[Source, ImageRow | None] = dict.fromkeys(SIDES)
        self._locked: set[Source] = set()

    def image(self, side: Source) -> ImageRow | None:
        """The image of a side."""
        return self._images[side]

    def is_locked(self, side: Source) -> bool:
        """Whether the side keeps its image."""
        return side in self._locked

    def lock(self, side: Source, locked: bool) -> None:
        """Keep the side's image, or let it change again."""
        if locked:
            self._locked.add(side)
        else:
            self._locked.discard(side)

    def place(self, image: ImageRow) -> Source | None:
        """Put an image on the side of its source; None where that side is locked."""
        if image.source in self._locked:
            return None
        self._images[image.source] = image
        return image.source

    def clear(self) -> None:
        """Empty both sides and unlock them."""
        self._images = dict.fromkeys(SIDES)
        self._locked.clear()
