"""What a set of ratings says of its images, in numbers and in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from reviewapp.training.run_words import counted

if TYPE_CHECKING:
    from engine.feedback.snapshot import FeedbackRating

#: mean confidence below which an image was taken for generated, as in the engine's reweighting
_INDIFFERENT = 3.5


@dataclass(frozen=True, slots=True)
class RatingCounts:
    """Images by what readers took them for; several ratings of an image count as their mean.

    ``held_out`` ratings judge the round; all other numbers are of those that train.
    """

    ratings: int
    held_out: int
    readers: int
    generated_recognised: int
    generated_fooling: int
    real_doubted: int
    real_recognised: int

    @classmethod
    def of(cls, ratings: Iterable[FeedbackRating]) -> RatingCounts:
        """Count them."""
        given: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        readers = set()
        n_ratings = n_held_out = 0
        for rating in ratings:
            if rating.held_out:
                n_held_out += 1
                continue
            given[rating.source, rating.record_id].append(rating.confidence)
            readers.add(rating.reader_id)
            n_ratings += 1
        taken = [(source, fmean(values) < _INDIFFERENT) for (source, _), values in given.items()]
        return cls(
            ratings=n_ratings,
            held_out=n_held_out,
            readers=len(readers),
            generated_recognised=taken.count(("generated", True)),
            generated_fooling=taken.count(("generated", False)),
            real_doubted=taken.count(("real", True)),
            real_recognised=taken.count(("real", False)),
        )

    def blinded_text(self) -> str:
        """How many ratings there are, which tells nothing of what images are."""
        text = f"{counted(self.ratings, 'rating')} by {counted(self.readers, 'reader')}"
        if not self.held_out:
            return text
        if self.held_out == 1:
            return f"{text}; 1 more judges the round and never trains"
        return f"{text}; {self.held_out:,} more judge the round and never train"

    def text(self) -> str:
        """The counts and what each does in training, one line each."""
        return "\n".join(
            (
                f"{self.blinded_text()}:",
                f"•  {counted(self.generated_recognised, 'generated image')} recognised – shown "
                "to the discriminator as generated",
                f"•  {counted(self.real_doubted, 'real image')} called generated – shown to it "
                "more often as real",
                f"•  {counted(self.generated_fooling, 'generated image')} passed for real – left "
                "out, never used as real",
                f"•  {counted(self.real_recognised, 'real image')} recognised – nothing changes",
            )
        )
