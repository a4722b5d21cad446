"""The pages of the app, in the order of the loop: look, rate, see, train, improve."""

from __future__ import annotations

from reviewapp.page import Page, PageEntry


def _browse() -> type[Page]:
    from reviewapp.browse.page import BrowsePage

    return BrowsePage


def _rating() -> type[Page]:
    from reviewapp.rating.page import RatingPage

    return RatingPage


def _results() -> type[Page]:
    from reviewapp.results.page import ResultsPage

    return ResultsPage


def _rounds() -> type[Page]:
    from reviewapp.rounds.page import RoundsPage

    return RoundsPage


def _training() -> type[Page]:
    from reviewapp.training.page import TrainingPage

    return TrainingPage


def _evaluation() -> type[Page]:
    from reviewapp.evaluation.page import EvaluationPage

    return EvaluationPage


PAGES: tuple[PageEntry, ...] = (
    PageEntry("browse", "Browse", "images", "Ctrl+1", _browse),
    PageEntry("rating", "Rate", "clipboard-check", "Ctrl+2", _rating),
    PageEntry("results", "Results", "chart-column", "Ctrl+3", _results),
    PageEntry("training", "Train", "activity", "Ctrl+4", _training),
    PageEntry("rounds", "Improve", "refresh-cw", "Ctrl+5", _rounds),
    PageEntry("evaluation", "Evaluate", "flask-conical", "Ctrl+6", _evaluation),
)
