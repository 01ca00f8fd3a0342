"""From a score to a draft that says what is wrong with it: the gradient, and the attempt to build on."""

import logging
from collections import defaultdict

from lance_graph.context import LanceContext
from lance_graph.detector.score import Detector, Explains, Reading
from lance_graph.detectors import nan_last, remember, scoring, worst
from lance_graph.gradients import build_gradient
from lance_graph.quiet import Quiet
from lance_graph.routing import hazards
from lance_graph.state import Draft
from lance_graph.steps import Steps

logger = logging.getLogger(__name__)


def measure(
    detector: Detector, draft: Draft, context: LanceContext, quiet: Quiet
) -> Steps[tuple[Draft, Reading | None]]:
    """D for (x_t, r_t), and the draft with g_t; no reading where the context guards neither.

    The detector's exceptions pass through.
    """
    answered = draft.answer() is not None
    guarded = context.guard_answer if answered else context.screens_prompts
    if not guarded or not (answered or draft.prompt().strip()):
        return draft, None
    response = draft.response()
    pair = draft.prompt() if response is None else (draft.prompt(), response)
    (reading,) = yield scoring(detector, [pair], context.category_thresholds, quiet)
    remember(detector, pair, context.category_thresholds, reading)
    return (yield from judge(detector, draft, reading, context, quiet)), reading


def judge(
    detector: Detector, draft: Draft, reading: Reading, context: LanceContext, quiet: Quiet
) -> Steps[Draft]:
    """The draft with g_t: one clause per hazardous category, none when all is safe."""
    efforts = hazards(reading["risk"], context.policy)
    words: dict[str, list[str]] = {}
    if context.mode == "enforce" and efforts:
        words = yield from driving_words(detector, draft, list(efforts), quiet)
    gradient = build_gradient(reading["risk"], efforts, words)
    return draft.scored(gradient, worst(reading["risk"]))


def better(best: Draft | None, scored: Draft) -> Draft | None:
    """The hazardous attempt to build on: the one with the lower maximal risk, the newer of equals."""
    if not scored.gradient():
        return best
    if best is None or nan_last(scored.max_risk()) <= nan_last(best.max_risk()):
        return scored
    return best


def driving_words(
    detector: Detector, draft: Draft, categories: list[str], quiet: Quiet
) -> Steps[dict[str, list[str]]]:
    """The words of the prompt that drove each hazardous category, if the detector can tell.

    A gradient without words is still one, so a failure here is logged and does not end the run.
    """
    words: dict[str, list[str]] = defaultdict(list)
    if isinstance(detector, Explains):
        explain = detector.explain
        try:
            response = draft.response()
            for span in (yield quiet.wait(lambda: explain(draft.prompt(), response, categories))):
                words[span.category].append(span.text)
        except Exception as error:  # noqa: BLE001 - see above; its text may quote a draft
            logger.warning("the detector could not explain its score: %s", type(error).__name__)
    return words
