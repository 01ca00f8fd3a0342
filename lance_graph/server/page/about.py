"""What the page has to know before a run: categories, thresholds, and which parts are the offline ones."""

from typing import Any

from lance_graph.context import EMBEDDED, OFFLINE, LanceContext
from lance_graph.detectors import policy_of, resolve
from lance_graph.routing import Thresholds
from lance_graph.scores import declared_by


def about(context: LanceContext) -> dict[str, Any]:
    """Of a context what its page shows, in plain values; no model's name.

    ``categories`` in the detector's order, each with ``thresholds`` where it has its own, null without, and
    ``off`` where it is not judged; ``offline`` says of target, refiner and detector whether they are the
    ones that come with LANCE. Loads the detector, if that has not been done.
    """
    judges = [resolve(judge) for judge in context.judges]
    policy = policy_of(context, *judges)
    declared = {key: one for judge in reversed(judges) for key, one in declared_by(judge).items()}
    own = {key: policy.of(key) for key in policy.by_category if not policy.is_off(key)}
    return {
        "thresholds": policy.default.model_dump(),
        "categories": [
            {
                "key": key,
                "title": category.title,
                "thresholds": _plain(own.get(key)),
                "off": policy.is_off(key),
            }
            for key, category in declared.items()
        ],
        "offline": {
            "target": context.target == OFFLINE,
            "refiner": context.refiner == OFFLINE,
            "detector": not context.detectors and context.detector in (None, EMBEDDED),
        },
        "mode": context.mode,
        "rewrites": context.max_iterations,
        "doubts": context.abstain > 0,
    }


def _plain(thresholds: Thresholds | None) -> dict[str, float] | None:
    return thresholds.model_dump() if thresholds else None
