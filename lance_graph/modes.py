"""`LanceContext.mode`: what enforcing and monitoring do differently, all of it.

Whoever wants to know in which mode a run is asks here, and asks for what it means.
"""

from langchain_core.messages import AnyMessage

from lance_graph.context import LanceContext
from lance_graph.conversation.turns import turns_of, unscored_parts
from lance_graph.review import needs_review
from lance_graph.state import State, Status, Step


class Enforcing:
    """``"enforce"``: what is hazardous is repaired, and what fails ends the run closed."""

    repairs = True
    """The history is screened, hazards are explained and repaired, answers lose what cannot be judged."""

    def refuses(self, messages: list[AnyMessage], context: LanceContext) -> bool:
        """Whether the conversation holds what cannot be judged and must not pass."""
        return context.unscored_parts == "refuse" and bool(unscored_parts(messages))

    def failure(self, what: str) -> str | None:
        """What a failing detector leaves in the state: it ends the run."""
        return what

    def waits(self, state: State, trace: list[Step], context: LanceContext) -> bool:
        """Whether a person decides before an answer without hazards is delivered."""
        if not context.may_pause:
            return False
        notes = turns_of(state["messages"])[-1].notes
        return needs_review(context, trace, state["reviewed"], notes, state["out_of_language"])

    def status(self, status: Status) -> Status:
        """The status of an answer that is delivered."""
        return status


class Monitoring(Enforcing):
    """``"monitor"``: everything passes through untouched, what would have happened is recorded."""

    repairs = False

    def refuses(self, messages: list[AnyMessage], context: LanceContext) -> bool:
        """Nothing is refused."""
        return False

    def failure(self, what: str) -> str | None:
        """Nothing: a failing detector is noted in the trace, and the run goes on."""
        return None

    def waits(self, state: State, trace: list[Step], context: LanceContext) -> bool:
        """Nobody is asked."""
        return False

    def status(self, status: Status) -> Status:
        """Always the same: the answer was not held to anything."""
        return "monitored"


def mode_of(context: LanceContext) -> Enforcing:
    """The mode that a context names."""
    return Monitoring() if context.mode == "monitor" else Enforcing()
