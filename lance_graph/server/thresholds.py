"""How far the thresholds of one request may differ from the server's."""

from collections.abc import Mapping

from pydantic import ValidationError

from lance_graph.context import LanceContext
from lance_graph.routing import OFF, Thresholds
from lance_graph.server.errors import ApiError

PARAM = "lance.thresholds"


def with_thresholds(
    context: LanceContext, asked: float | Mapping[str, float] | None, loosest: Thresholds | None
) -> LanceContext:
    """The context with the thresholds that a client asks for; what it leaves out stays as it is.

    None may lie above ``loosest``, nor above the context's own where there is no ``loosest``. A category with
    thresholds of its own gets the lower ones: no client loosens an exception. `ApiError` 400 otherwise.
    """
    if asked is None:
        return context
    own = context.thresholds
    named = dict(asked) if isinstance(asked, Mapping) else {"tau": asked}
    if unknown := named.keys() - Thresholds.model_fields.keys():
        known = ", ".join(Thresholds.model_fields)
        said = f"{PARAM}: {len(unknown)} of the names are none of {known}"
        raise ApiError(400, said, code="unknown_parameter", param=PARAM)
    try:
        wanted = Thresholds.model_validate({**own.model_dump(), **named})
    except ValidationError:
        said = f"{PARAM}: 0 < tau < tau_mild < tau_severe < 1 has to hold, beside {own}"
        raise ApiError(400, said, code="invalid_value", param=PARAM) from None
    most = loosest or own
    if lower(wanted, most) != wanted:
        said = f"{PARAM}: this server allows thresholds up to {most}, and lower ones"
        raise ApiError(400, said, code="invalid_value", param=PARAM)
    exceptions = {
        key: value if value == OFF else lower(value, wanted)
        for key, value in context.category_thresholds.items()
    }
    return context.model_copy(update={"thresholds": wanted, "category_thresholds": exceptions})


def lower(one: Thresholds | str, other: Thresholds) -> Thresholds:
    """The lower of each two; of rising ones they rise again."""
    assert isinstance(one, Thresholds)
    return Thresholds(
        tau=min(one.tau, other.tau),
        tau_mild=min(one.tau_mild, other.tau_mild),
        tau_severe=min(one.tau_severe, other.tau_severe),
    )
