"""The Rounds page: the timeline of rounds, and the chosen round step by step."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewapp.context import AppContext
from reviewapp.page import Page
from reviewapp.rating.passphrase_dialog import PassphraseDialog
from reviewapp.rounds.begin_view import BeginView
from reviewapp.rounds.draw_view import DrawView
from reviewapp.rounds.fool_rate_chart import FoolRateChart
from reviewapp.rounds.pair_view import PairView
from reviewapp.rounds.plan_view import PlanView
from reviewapp.rounds.presenter import STEP_OF_VIEW, RoundsPresenter
from reviewapp.rounds.ratings_view import RatingsView
from reviewapp.rounds.stepper import Stepper
from reviewapp.rounds.study_view import StudyView
from reviewapp.rounds.timeline import fool_rates
from reviewapp.rounds.timeline_view import TimelineView
from reviewapp.rounds.training_view import TrainingView
from reviewapp.tasks import Task
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL
from reviewapp.translation import translate
from reviewapp.widgets.empty_state import EmptyState
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.task_progress import TaskProgress

_TIMELINE_HEIGHT = 196
_CHART_WIDTH = 210


class RoundsPage(Page):
    """Shows what the presenter says and hands it what the user asks for."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.presenter = RoundsPresenter(context, self)
        self.messages = MessageBar()
        self.progress = TaskProgress()
        self.progress.hide()
        self.timeline = TimelineView()
        self.chart = FoolRateChart()
        self.stepper = Stepper()
        self.round_label = QLabel()
        self.round_label.setProperty("role", "secondary")
        self.begin_view = BeginView()
        self.ratings_view = RatingsView()
        self.plan_view = PlanView()
        self.training_view = TrainingView()
        self.draw_view = DrawView()
        self.study_view = StudyView()
        self.pair_view = PairView()
        self.empty = EmptyState(
            "refresh-cw",
            translate("Rounds", "No round yet"),
            translate(
                "Rounds",
                "Readers' ratings can train a generator, round by round. That needs a study with "
                "images of a run of this workspace: make one on the Rate page.",
            ),
            translate("Rounds", "To the Rate page"),
        )
        self.other_button = QPushButton(translate("Rounds", "Begin with another study…"))
        self._views = {
            "begin": self.begin_view,
            "ratings": self.ratings_view,
            "plan": self.plan_view,
            "training": self.training_view,
            "draw": self.draw_view,
            "study": self.study_view,
        }
        self._wanted_study = ""
        self._focus_wanted = False
        self._lay_out()
        self._connect()

    def activate(self) -> None:
        """Show what has happened meanwhile; go to the study that another page asks for."""
        wanted, self.context.wanted_study = self.context.wanted_study, ""
        self._wanted_study = wanted or self._wanted_study
        self.presenter.refresh()
        self._focus_wanted = True

    def close_page(self) -> None:
        """Let no task that still ends start another step."""
        self.presenter.close()

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Keys of the table and of the pairs."""
        return (
            ("↑ ↓", "another round, while the table has the focus"),
            ("← → ↑ ↓", "another pair of images, while these have the focus"),
            ("Enter", "enlarge the pair, or show all again"),
        )

    def _lay_out(self) -> None:
        title = QLabel(translate("Rounds", "Feedback rounds"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.other_button)
        self.chart.setFixedWidth(_CHART_WIDTH)
        course = QWidget()
        course.setFixedHeight(_TIMELINE_HEIGHT)
        across = QHBoxLayout(course)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(SPACE_L)
        across.addWidget(self.timeline, 1)
        across.addWidget(self.chart)
        self._course = course
        self._steps = QStackedWidget()
        for view in self._views.values():
            self._steps.addWidget(view)
        below = QHBoxLayout()
        below.setSpacing(SPACE_XL)
        below.addWidget(self._steps, 5)
        below.addWidget(self.pair_view, 4)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        column.addWidget(course)
        stepping = QHBoxLayout()
        stepping.setSpacing(SPACE_L)
        stepping.addWidget(self.stepper, 1)
        stepping.addWidget(self.round_label)
        column.addLayout(stepping)
        column.addLayout(below, 1)
        self._filled = filled
        self._content = QStackedWidget()
        # Blank until the rounds are read.
        self._content.addWidget(QWidget())
        self._content.addWidget(filled)
        self._content.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        layout.setSpacing(SPACE_S)
        layout.addLayout(head)
        layout.addWidget(self.messages)
        layout.addWidget(self.progress)
        layout.addWidget(self._content, 1)
        self.other_button.hide()

    def _connect(self) -> None:
        presenter = self.presenter
        presenter.changed.connect(self.show_all)
        presenter.progressed.connect(self.training_view.show_progress)
        presenter.pairs_changed.connect(self.pair_view.show_pairs)
        presenter.failed.connect(self.messages.show_error)
        presenter.working.connect(self._follow)
        self.timeline.chosen.connect(presenter.select)
        self.other_button.clicked.connect(lambda: presenter.show_begin())
        self.empty.action.connect(lambda: self.context.show_page.emit("rating"))
        self.begin_view.begin_requested.connect(presenter.begin)
        self.begin_view.cancelled.connect(lambda: presenter.show_begin(False))
        self.ratings_view.read_requested.connect(self.read_ratings)
        self.ratings_view.next_requested.connect(lambda: presenter.show_plan(True))
        self.ratings_view.rate_requested.connect(lambda: self.context.show_page.emit("rating"))
        self.plan_view.back_requested.connect(lambda: presenter.show_plan(False))
        self.plan_view.start_requested.connect(presenter.start)
        self.training_view.pause_button.clicked.connect(presenter.pause)
        self.training_view.resume_button.clicked.connect(presenter.resume)
        self.training_view.cancel_button.clicked.connect(presenter.cancel_training)
        self.training_view.show_run_requested.connect(
            lambda: self.context.show_page.emit("training")
        )
        self.draw_view.draw_requested.connect(presenter.draw)
        self.study_view.make_requested.connect(presenter.make_study)

    def read_ratings(self) -> None:
        """Read the chosen round's ratings; of a blinded study with the coordinator's passphrase."""
        study = self.presenter.study()
        earlier = self.ratings_view.earlier_box.isChecked()
        if study is None or not study.blinded:
            self.presenter.read_ratings(with_earlier=earlier)
            return
        dialog = PassphraseDialog(
            "Train with a blinded study",
            f"The ratings of “{study.name}” are tied to images for training only. The study, its "
            "readers and its results stay blinded; that the truth was read is logged.",
            "Read the ratings",
            self,
        )
        if dialog.exec():
            self.presenter.read_ratings(dialog.passphrase(), with_earlier=earlier)

    def show_all(self) -> None:
        """Show the rounds and the chosen one as they are now."""
        presenter = self.presenter
        if not presenter.loaded:
            return
        if self._wanted_study:
            wanted, self._wanted_study = self._wanted_study, ""
            presenter.show_study(wanted)
            self._fill_begin()
            self.begin_view.choose(wanted)
        offers = presenter.studies_to_begin_with()
        nothing = not presenter.rows and not offers
        self._content.setCurrentWidget(self.empty if nothing else self._filled)
        if nothing:
            self.other_button.hide()
            return
        self.timeline.show_rows(presenter.rows, presenter.number)
        self.chart.set_rates(fool_rates(presenter.rows), presenter.number)
        for part in (self._course, self.pair_view):
            part.setVisible(bool(presenter.rows))
        view = presenter.view
        self.other_button.setVisible(bool(presenter.rows and offers) and view != "begin")
        self.stepper.set_current(STEP_OF_VIEW[view])
        self.round_label.setText(presenter.round_text())
        if view != "study":
            self.study_view.forget_passphrase()
        self._show_view()
        self._steps.setCurrentWidget(self._views[view])
        if self._focus_wanted:
            self._focus_wanted = False
            (self.timeline if presenter.rows else self.begin_view.study_box).setFocus()

    def _show_view(self) -> None:
        presenter, row = self.presenter, self.presenter.selected
        view, busy = presenter.view, presenter.busy
        if view == "begin" or row is None:
            self._fill_begin()
        elif view == "ratings":
            study = presenter.study()
            if study is not None:
                self.ratings_view.show_round(
                    row, study, presenter.reader_lines(), presenter.ratings, busy=busy
                )
        elif view == "plan" and presenter.ratings is not None:
            self.plan_view.show_ratings(presenter.ratings, presenter.next_number(), busy=busy)
        elif view == "training":
            self.training_view.show_round(row, presenter.progress, presenter.run_message())
        elif view == "draw":
            self.draw_view.show_round(row, presenter.batch_to_draw(), busy=busy)
        elif view == "study":
            self.study_view.show_round(
                row, presenter.next_protocol(), presenter.study_name(), busy=busy
            )

    def _fill_begin(self) -> None:
        self.begin_view.show_offers(
            self.presenter.studies_to_begin_with(), can_cancel=bool(self.presenter.rows)
        )

    def _follow(self, task: Task) -> None:
        self.messages.clear()
        self.progress.follow(task)
        self.progress.show()
        task.ended.connect(self.progress.hide)
