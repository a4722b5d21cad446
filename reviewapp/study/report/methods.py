"""The methods paragraphs: what was really used in this study, with its source."""

from __future__ import annotations

from collections.abc import Iterator

from reviewapp.study.analysis.results import StudyResults
from reviewapp.study.analysis.study_analysis import StudyAnalysis
from reviewapp.study.protocol import Protocol
from reviewapp.study.statistics.equivalence import Equivalence
from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result
from reviewapp.study.statistics.mrmc import MrmcResult

_WILSON = "Wilson 1927, J Am Stat Assoc 22:209"
_MRMC = (
    "Obuchowski & Rockette 1995, Commun Stat Simul Comput 24:285; degrees of freedom after Hillis "
    "2007, Stat Med 26:596"
)


def design_text(protocol: Protocol) -> str:
    """How the images were read, in a few sentences."""
    what = {
        "single_confidence6": "one image at a time, rated from 1 (definitely generated) to 6 "
        "(definitely real); 4 to 6 count as “real”",
        "single_yes_no": "one image at a time, called real or generated",
        "two_alternative": "a real and a generated image side by side, of which the generated one "
        "was to be found",
        "timed": f"one image at a time, shown for {protocol.exposure_ms} ms and then "
        + (
            "rated from 1 (definitely generated) to 6 (definitely real); 4 to 6 count as “real”"
            if protocol.answer_scale == "confidence6"
            else "called real or generated"
        ),
    }[protocol.design]
    repeats = (
        f" In {protocol.n_repeats} further trials an image was shown a second time."
        if protocol.n_repeats
        else ""
    )
    training = (
        f" A training block of {protocol.training_trials} trials with feedback came first and does "
        "not count."
        if protocol.training_trials
        else ""
    )
    return (
        f"Readers saw {what}. The study holds {protocol.n_real} real and {protocol.n_generated} "
        "generated images, all rendered on the same path and shown under neutral names, in an "
        f"order drawn for each reader (seed {protocol.seed}).{repeats}{training} The truth was "
        "sealed until the study was unblinded."
    )


def methods_text(analysis: StudyAnalysis) -> tuple[str, ...]:
    """A sentence for each method that gave a number in this report."""
    results = analysis.results
    if results is None or results.n_ratings == 0:
        return ()
    return tuple(_methods(analysis, results))


def _methods(analysis: StudyAnalysis, results: StudyResults) -> Iterator[str]:
    overall, several = results.overall, results.n_readers > 1
    yield (
        "“Generated” is the positive class: sensitivity is the share of generated images called "
        "generated, specificity the share of real images called real, and the fool rate the share "
        "of generated images taken for real. First showings in finished sessions count."
        if not results.paired
        else "An answer is right where the generated image was chosen; the fool rate is the share "
        "of pairs in which the real one was. First showings in finished sessions count."
    )
    if several and _has_interval(overall.accuracy.value):
        yield (
            "Shares are means over readers; their intervals and tests take readers and images as "
            f"random (multi-reader multi-case analysis, {_MRMC})."
        )
    if not several or any(_has_interval(g.performance.accuracy.value) for g in results.readers):
        yield f"Shares of a single reader have Wilson intervals ({_WILSON})."
    if not several and not isinstance(overall.accuracy.p_value, NotEstimable):
        yield "Accuracy was tested against one half by the exact binomial test."
    if isinstance(overall.accuracy.equivalence, Equivalence):
        yield (
            f"Equivalence to guessing within ±{100 * analysis.margin:g} points was judged by two "
            "one-sided tests at 5 % (Schuirmann 1987, J Pharmacokinet Biopharm 15:657)."
        )
    if isinstance(overall.d_prime, Estimate):
        yield _detection(results)
    if isinstance(overall.auc.value, Estimate):
        variance = (
            f"the mean over readers has an interval over readers and images ({_MRMC}; covariances "
            "by the jackknife)"
            if several
            else "its interval is DeLong's (DeLong et al. 1988, Biometrics 44:837)"
        )
        yield f"The area under the empirical ROC curve of the confidence was computed; {variance}."
    if _compared(results):
        yield (
            "Variants were compared as treatments that share the real images; p values were "
            "adjusted for the number of comparisons after Holm (1979, Scand J Stat 6:65)."
        )
    yield from _agreement(results)
    if isinstance(results.times.ratio, Estimate):
        yield "Response times of wrong and right answers were compared by their geometric means" + (
            ", within each reader, and the ratios averaged (t interval)." if several
            else " (Welch interval); two-sided Mann–Whitney test."
        )  # fmt: skip
    if isinstance(results.learning.odds_ratio, Estimate):
        yield "The course of accuracy was estimated by logistic regression on the trial number" + (
            ", within each reader, and the odds ratios averaged (t interval)."
            if several
            else " (Wald interval)."
        )


def _detection(results: StudyResults) -> str:
    base = (
        "d′ of the two-alternative choice is √2 z(p), with the log-linear correction"
        if results.paired
        else "d′ and the criterion have the log-linear correction"
    )
    how = (
        "means over readers have seeded percentile bootstrap intervals over readers and images "
        "(Efron & Tibshirani 1993)"
        if results.n_readers > 1
        else "intervals by their large-sample variance"
    )
    return f"{base} (Hautus 1995, Behav Res Methods 27:46); {how}."


def _agreement(results: StudyResults) -> Iterator[str]:
    found, repeated = results.agreement, results.repeatability
    used = [
        name
        for name, result in (
            ("Fleiss' κ (1971, Psychol Bull 76:378)", found.fleiss_kappa),
            ("Krippendorff's α (2019, Content Analysis)", found.alpha),
            ("the intraclass correlation ICC(2,1) of the confidence (Shrout & Fleiss 1979, "
             "Psychol Bull 86:420)", found.icc),
        )
        if isinstance(result, Estimate)
    ]  # fmt: skip
    if used:
        yield f"Agreement between readers: {', '.join(used)}."
    if isinstance(repeated.kappa, Estimate) or isinstance(repeated.weighted_kappa, Estimate):
        yield "Agreement of first and second showing: Cohen's κ (1960, Educ Psychol Meas 20:37)."


def _compared(results: StudyResults) -> bool:
    return any(
        isinstance(found, MrmcResult) and found.differences
        for found in (results.variants.auc, results.variants.fool_rate)
    )


def _has_interval(result: Result) -> bool:
    return isinstance(result, Estimate) and result.interval is not None
