"""``POST /v1/moderations``: the detector's word on texts alone, in the shape of OpenAI's moderation."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lance_graph.context import LanceContext
from lance_graph.detector.unreadable import UnreadableTextError
from lance_graph.detectors import configured_name, plain
from lance_graph.judging import OutOfLanguageError, judge_of
from lance_graph.routing import ThresholdPolicy, hazards
from lance_graph.runtime.failures import report
from lance_graph.runtime.quiet import Quiet
from lance_graph.runtime.steps import Steps, arun
from lance_graph.scores import Reading
from lance_graph.server import running
from lance_graph.server.bodies import body_of
from lance_graph.server.edge import record_of
from lance_graph.server.errors import ApiError, degraded
from lance_graph.server.requests import ModerationRequest
from lance_graph.server.service import service_of

KNOWN_NAMES = ("omni-moderation", "text-moderation")
"""How the names of OpenAI's moderation models begin: clients send them by default."""
_HATE = ("hate_speech,offensive_language",)
_VIOLENCE = ("violence,aiding_and_abetting,incitement",)
_SEXUAL = ("sexually_explicit,adult_content",)
_ILLICIT = (
    "drug_abuse,weapons,banned_substance",
    "financial_crime,property_crime,theft",
    "terrorism,organized_crime",
)
_ALL_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "harassment": (_HATE,),
    "harassment/threatening": (_HATE, _VIOLENCE),
    "hate": (_HATE,),
    "hate/threatening": (_HATE, _VIOLENCE),
    "illicit": (_ILLICIT,),
    "illicit/violent": (_ILLICIT, _VIOLENCE),
    "self-harm": (("self_harm",),),
    "self-harm/intent": (("self_harm",),),
    "self-harm/instructions": (("self_harm",),),
    "sexual": (_SEXUAL,),
    "sexual/minors": (_SEXUAL, ("child_abuse",)),
    "violence": (_VIOLENCE,),
    "violence/graphic": (_VIOLENCE,),
}
"""What of the 14 a category of OpenAI's lies within: in each group, in at least one of it.

A score is the most that the 14 allow: the highest degree of a group, the lowest of the groups. So a part of
a category, such as self-harm/intent, has the degree of the whole.
"""


async def moderations(request: Request) -> Response:
    """Degrees of one text, or of each of several, in one call of the detector."""
    service, record = service_of(request), record_of(request)
    service.check_ready()
    body = await body_of(request, ModerationRequest, service.settings)
    if body.model is not None and not body.model.startswith(KNOWN_NAMES):
        service.check_name(body.model)
    texts = [body.input] if isinstance(body.input, str) else body.input
    context = service.context_of(record.key)

    async def run() -> list[dict[str, Any]]:
        try:
            found = await _judged(texts, context)
        except ApiError as error:
            service.note_without(record.key, record.id, str(error.code), record.seconds)
            raise
        service.note_moderated(record.key, record.id, texts, found)
        return found

    work = running.start(service, record.key, record.id, run)
    await running.wait_for(work, request)
    results = work.result()()
    name = f"lance({configured_name(context.judged_by)})"
    return JSONResponse({"id": f"modr-{uuid4().hex}", "model": name, "results": results})


async def _judged(texts: list[str], context: LanceContext) -> list[dict[str, Any]]:
    """A result for each text; `ApiError` 400 for what cannot be read, 503 where the detector fails."""
    for place, text in enumerate(texts):
        if not text.strip():
            raise _unread(place, "holds no words")
    try:
        readings, policy = await arun(_readings(texts, context))
    except (UnreadableTextError, OutOfLanguageError):
        said = "a text cannot be read by the detector, and so was not judged: nor were the others"
        raise ApiError(400, said, code="unreadable_input", param="input") from None
    except Exception as error:  # noqa: BLE001 - its text may quote what it was to judge
        report("risk detector", error, reveal=context.reveal_drafts)
        raise degraded(f"the risk detector failed ({type(error).__name__})") from None
    for place, reading in enumerate(readings):
        if reading["out_of_language"]:
            raise _unread(place, "is in a language that the detector was not made for")
    return [result_of(reading, policy) for reading in readings]


def _readings(
    texts: list[str], context: LanceContext
) -> Steps[tuple[list[Reading], ThresholdPolicy]]:
    judge = yield from judge_of(context, Quiet(context.redact_callbacks))
    readings = yield from judge.readings(texts)
    if len(readings) != len(texts):
        raise UnreadableTextError("a text that nothing could read")
    return readings, judge.policy


def _unread(place: int, why: str) -> ApiError:
    said = f"input[{place}] {why}: it was not judged, nor were the others"
    return ApiError(400, said, code="unreadable_input", param=f"input[{place}]")


def result_of(reading: Reading, policy: ThresholdPolicy) -> dict[str, Any]:
    """One result: OpenAI's categories, and in ``lance`` those of the detector."""
    risk = reading["risk"]
    flags = {key: bool(hazards({key: degree}, policy)) for key, degree in risk.items()}
    return {
        "flagged": any(flags.values()),
        "categories": {name: _holds(groups, flags) for name, groups in _ALL_OF.items()},
        "category_scores": {name: _degree(groups, risk) for name, groups in _ALL_OF.items()},
        "category_applied_input_types": {name: ["text"] for name in _ALL_OF},
        "lance": {"categories": flags, "degrees": plain(risk), "spread": plain(reading["spread"])},
    }


def _holds(groups: tuple[tuple[str, ...], ...], flags: Mapping[str, bool]) -> bool:
    return all(any(flags.get(key, False) for key in group) for group in groups)


def _degree(groups: tuple[tuple[str, ...], ...], risk: Mapping[str, float]) -> float | None:
    """The most that the 14 allow; None where the detector does not score what it takes."""
    known = [[risk[key] for key in group if key in risk] for group in groups]
    if not all(known):
        return None
    return round(min(max(degrees) for degrees in known), 6)
