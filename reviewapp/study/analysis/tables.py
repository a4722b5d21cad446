"""The results as tables of typed columns, each a CSV file."""

from __future__ import annotations

from collections.abc import Sequence

from reviewapp.study.analysis.performance import GroupPerformance
from reviewapp.study.analysis.progress import StudyProgress
from reviewapp.study.analysis.results import StudyResults
from reviewapp.study.analysis.study_analysis import StudyAnalysis
from reviewapp.study.analysis.table import (
    RESULT_COLUMNS,
    TEST_COLUMNS,
    TIME_COLUMNS,
    Table,
    chance_cells,
    result_cells,
    time_cells,
)
from reviewapp.study.data_dictionary import Column
from reviewapp.study.parquet_table import Cell
from reviewapp.study.statistics.estimate import NotEstimable, Result
from reviewapp.study.statistics.mrmc import MeanTest, MrmcResult
from reviewapp.study.statistics.response_times import TimeSummary


def tables(analysis: StudyAnalysis) -> tuple[Table, ...]:
    """All tables that have rows; of a blinded study the progress of the readers alone."""
    found = [_progress(analysis.progress)]
    results = analysis.results
    if results is not None:
        found += [
            _summary(results),
            _groups("readers", "By reader", results.readers),
            _groups("groups", "By variant, checkpoint, data set, class and reader", results.groups),
            _variants(results),
            _differences(results),
            _agreement(results),
            _agreement_pairs(results),
            _confusion(results),
            _confidence(results),
            _roc(results),
            _times(results),
            _learning(results),
            _marks(results),
            _gallery(results),
        ]
    return tuple(table for table in found if table.rows)


def _progress(progress: StudyProgress) -> Table:
    columns = (
        Column("reader_id", "text", "", "Reader, without a name"),
        Column("role", "text", "", "Role as registered; blank if not told"),
        Column("specialty", "text", "", "Specialty as registered"),
        Column("experience_years", "number", "years", "Experience; blank if not told"),
        Column("finished", "boolean", "", "Whether the session is finished"),
        Column("n_answered", "integer", "", "Answered trials"),
        Column("n_trials", "integer", "", "Trials of the session"),
        Column("n_changes", "integer", "", "Answers changed afterwards"),
        Column("n_marks", "integer", "", "Marked regions"),
        *TIME_COLUMNS,
    )
    return Table(
        "progress",
        "Progress of the readers",
        columns,
        tuple(
            (
                reader.reader_id,
                reader.role,
                reader.specialty,
                reader.experience_years,
                reader.finished,
                reader.n_answered,
                reader.n_trials,
                reader.n_changes,
                reader.n_marks,
                *time_cells(reader.times),
            )
            for reader in progress.readers
        ),
    )


def _summary(results: StudyResults) -> Table:
    overall, repeated, agreement = results.overall, results.repeatability, results.agreement
    no_tests = (None,) * len(TEST_COLUMNS)
    rows: list[tuple[Cell, ...]] = [
        ("accuracy", *result_cells(overall.accuracy.value), *chance_cells(overall.accuracy)),
        ("auc", *result_cells(overall.auc.value), *chance_cells(overall.auc)),
    ]
    rest: tuple[tuple[str, Result], ...] = (
        ("sensitivity", overall.sensitivity),
        ("specificity", overall.specificity),
        ("fool_rate", overall.fool_rate),
        ("d_prime", overall.d_prime),
        ("criterion", overall.criterion),
        ("fleiss_kappa", agreement.fleiss_kappa),
        ("krippendorff_alpha_nominal", agreement.alpha),
        ("krippendorff_alpha_ordinal", agreement.alpha_ordinal),
        ("icc_confidence", agreement.icc),
        ("repeat_same_answer", repeated.same_answer),
        ("repeat_kappa", repeated.kappa),
        ("repeat_weighted_kappa", repeated.weighted_kappa),
        ("repeat_confidence_shift", repeated.confidence_shift),
        ("time_ratio_wrong_to_right", results.times.ratio),
        ("learning_odds_ratio_per_100_trials", results.learning.odds_ratio),
    )
    rows += [(name, *result_cells(result), *no_tests) for name, result in rest]
    columns = (Column("statistic", "text", "", "What is estimated"), *RESULT_COLUMNS, *TEST_COLUMNS)
    return Table("summary", "Overall results", columns, tuple(rows))


def _groups(name: str, title: str, groups: Sequence[GroupPerformance]) -> Table:
    statistics = ("accuracy", "sensitivity", "specificity", "fool_rate", "d_prime", "auc")
    columns = [
        Column("kind", "text", "", "How the readings are divided"),
        Column("group", "text", "", "Name of the part"),
        Column("n_readers", "integer", "", "Readers in it"),
        Column("n_images", "integer", "", "Images (or pairs) in it"),
        Column("n_ratings", "integer", "", "Ratings in it"),
    ]
    for statistic in statistics:
        columns += [
            Column(statistic, "number", "", "Estimate; blank where there is none"),
            Column(f"{statistic}_lower", "number", "", "Lower end of the 95 % interval"),
            Column(f"{statistic}_upper", "number", "", "Upper end of the 95 % interval"),
            Column(f"{statistic}_method", "text", "", "Method, or why there is no estimate"),
        ]
    rows = []
    for group in groups:
        cells: list[Cell] = [
            group.kind, group.name, group.n_readers, group.n_images, group.n_ratings,
        ]  # fmt: skip
        p = group.performance
        for result in (p.accuracy.value, p.sensitivity, p.specificity, p.fool_rate, p.d_prime,
                       p.auc.value):  # fmt: skip
            value, lower, upper, _, method = result_cells(result)
            cells += [value, lower, upper, method]
        rows.append(tuple(cells))
    return Table(name, title, tuple(columns), tuple(rows))


def _variants(results: StudyResults) -> Table:
    columns = (
        Column("variant", "text", "", "Variant"),
        *RESULT_COLUMNS,
        *TEST_COLUMNS,
        Column("p_chance_holm", "number", "", "p against guessing, adjusted for all variants"),
    )
    rows = tuple(
        (
            v.variant,
            *result_cells(v.against_chance.value),
            *chance_cells(v.against_chance),
            v.p_holm,
        )
        for v in results.variants.auc_against_chance
    )
    return Table("variants_auc", "Area under the ROC curve by variant", columns, rows)


def _differences(results: StudyResults) -> Table:
    columns = (
        Column("figure", "text", "", "auc or fool_rate"),
        Column("first", "text", "", "Variant"),
        Column("second", "text", "", "Variant it is compared with"),
        *RESULT_COLUMNS,
        Column("p", "number", "", "p value of the difference"),
        Column("p_holm", "number", "", "p value adjusted for all pairs"),
    )
    rows: list[tuple[Cell, ...]] = []
    for figure, found in (
        ("auc", results.variants.auc),
        ("fool_rate", results.variants.fool_rate),
    ):
        if isinstance(found, MrmcResult):
            rows += [
                (
                    figure,
                    d.first,
                    d.second,
                    *result_cells(d.estimate),
                    d.test.p_value if isinstance(d.test, MeanTest) else None,
                    d.p_holm,
                )
                for d in found.differences
            ]
    return Table("variant_differences", "Variants against each other", columns, tuple(rows))


def _agreement(results: StudyResults) -> Table:
    agreement = results.agreement
    rows: tuple[tuple[str, Result], ...] = (
        ("fleiss_kappa", agreement.fleiss_kappa),
        ("krippendorff_alpha_nominal", agreement.alpha),
        ("krippendorff_alpha_ordinal", agreement.alpha_ordinal),
        ("icc_confidence", agreement.icc),
    )
    columns = (Column("statistic", "text", "", "What is estimated"), *RESULT_COLUMNS)
    return Table(
        "agreement",
        "Agreement of the readers",
        columns,
        tuple((name, *result_cells(result)) for name, result in rows),
    )


def _agreement_pairs(results: StudyResults) -> Table:
    columns = (
        Column("measure", "text", "", "kappa of the answers, or weighted of the confidence"),
        Column("first_reader", "text", "", "Reader"),
        Column("second_reader", "text", "", "Reader compared with"),
        *RESULT_COLUMNS,
    )
    rows: list[tuple[Cell, ...]] = []
    for measure, matrix in (
        ("kappa", results.agreement.matrix),
        ("weighted_kappa", results.agreement.weighted),
    ):
        if not isinstance(matrix, NotEstimable):
            rows += [
                (measure, matrix.readers[i], matrix.readers[j], *result_cells(matrix.values[i][j]))
                for i in range(len(matrix.readers))
                for j in range(i)
            ]
    return Table("agreement_pairs", "Agreement of pairs of readers", columns, tuple(rows))


def _confusion(results: StudyResults) -> Table:
    c = results.overall.counts
    truths = ("generated left", "generated right") if results.paired else ("generated", "real")
    columns = (
        Column("truth", "text", "", "What the image was"),
        Column("answer", "text", "", "What the readers said"),
        Column("n_ratings", "integer", "", "Ratings of all readers"),
    )
    rows = (
        (truths[0], truths[0], c.hits),
        (truths[0], truths[1], c.misses),
        (truths[1], truths[0], c.false_alarms),
        (truths[1], truths[1], c.correct_rejections),
    )
    return Table("confusion", "Answers by truth", columns, rows if c.n else ())


def _confidence(results: StudyResults) -> Table:
    columns = (
        Column("confidence", "integer", "", "1 (definitely generated) to 6 (definitely real)"),
        Column("n_real", "integer", "", "Ratings of real images"),
        Column("n_generated", "integer", "", "Ratings of generated images"),
    )
    histogram = results.confidence
    rows: tuple[tuple[Cell, ...], ...] = ()
    if not isinstance(histogram, NotEstimable):
        pairs = zip(histogram.real, histogram.generated, strict=True)
        rows = tuple((degree, *pair) for degree, pair in enumerate(pairs, 1))
    return Table("confidence", "Degrees of confidence", columns, rows)


def _roc(results: StudyResults) -> Table:
    columns = (
        Column("kind", "text", "", "all, reader or variant"),
        Column("curve", "text", "", "Whose curve"),
        Column("false_alarm_rate", "number", "", "Real images called generated"),
        Column("hit_rate", "number", "", "Generated images recognised"),
    )
    rows = tuple((c.kind, c.name, *point) for c in results.roc for point in c.points)
    return Table("roc", "ROC curves", columns, rows)


def _times(results: StudyResults) -> Table:
    columns = (Column("answers", "text", "", "Right, wrong, or the exposure"), *TIME_COLUMNS)
    parts = (
        ("right", results.times.right),
        ("wrong", results.times.wrong),
        ("exposure", results.exposure),
    )
    rows = tuple(
        (name, *time_cells(times)) for name, times in parts if isinstance(times, TimeSummary)
    )
    return Table("response_times", "Response times", columns, rows)


def _learning(results: StudyResults) -> Table:
    columns = (
        Column("first_trial", "integer", "", "First trial of the part, from 1"),
        Column("last_trial", "integer", "", "Last trial of the part"),
        *RESULT_COLUMNS,
    )
    rows = tuple(
        (part.first_trial, part.last_trial, *result_cells(part.accuracy))
        for part in results.learning.bins
    )
    return Table("learning", "Accuracy along the session", columns, rows)


def _marks(results: StudyResults) -> Table:
    columns = (
        Column("reason", "text", "", "Why the region was marked"),
        Column("on_generated", "integer", "", "Marks on generated images"),
        Column("on_real", "integer", "", "Marks on real images"),
    )
    rows = tuple((c.reason, c.on_generated, c.on_real) for c in results.marks.counts)
    return Table("mark_reasons", "Marked regions by reason", columns, rows)


def _gallery(results: StudyResults) -> Table:
    columns = (
        Column("list", "text", "", "convincing_fakes or suspected_reals"),
        Column("rank", "integer", "", "1 misled most"),
        Column("image_id", "text", "", "Image as the ratings name it"),
        Column("key", "text", "", "Image of the library"),
        Column("presented_key", "text", "", "File that was shown, images/ab/KEY.png"),
        Column("dataset", "text", "", "Data set"),
        Column("class_label", "text", "", "Class"),
        Column("variant", "text", "", "Variant; blank of a real image"),
        Column("run_id", "text", "", "Training run; blank of a real image"),
        Column("checkpoint_step", "integer", "", "Training step"),
        Column("n_ratings", "integer", "", "Readers who rated it"),
        Column("n_wrong", "integer", "", "Readers who were wrong"),
        Column("mean_confidence", "number", "", "1 (definitely generated) to 6 (definitely real)"),
    )
    rows = tuple(
        (
            name, rank, i.image_id, i.key, i.presented_key, i.dataset, i.class_label, i.variant,
            i.run_id, i.checkpoint_step, i.n_ratings, i.n_wrong, i.mean_confidence,
        )
        for name, images in (
            ("convincing_fakes", results.gallery.convincing_fakes),
            ("suspected_reals", results.gallery.suspected_reals),
        )
        for rank, i in enumerate(images, 1)
    )  # fmt: skip
    return Table("misleading_images", "Images that misled the readers most", columns, rows)
