"""The progress bar of a training run."""

from collections.abc import Mapping
from typing import Any, Self

from rich.console import Console
from transformers import TrainerCallback

from lance_graph.cli.bars import counting_bar

SHOWN = {"loss": "loss", "eval_auroc": "held-out AUROC"}


class TrainingBar(TrainerCallback):
    """Steps done and to do, with the last loss and the last held-out figure, on standard error.

    Where standard error is no terminal, a line per log entry instead.
    """

    def __init__(self, *, shown: bool = True) -> None:
        self.console = Console(stderr=True, quiet=not shown, highlight=False)
        self.progress = counting_bar(self.console)
        self.figures: dict[str, str] = {}
        self.task = self.progress.add_task("reading data", total=None)

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The number of steps is known now, and of those that an earlier run did."""
        self.progress.update(
            self.task, description="training", total=state.max_steps, completed=state.global_step
        )

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """One step further."""
        self.progress.update(self.task, completed=state.global_step)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Remember the figures; print them where there is no bar."""
        if logs and "scored" in logs:
            self._teacher(logs)
            return
        found = {SHOWN[name]: f"{logs[name]:.3f}" for name in SHOWN if name in (logs or {})}
        if not found:
            return
        self.figures |= found
        words = "  ".join(f"{name} {value}" for name, value in self.figures.items())
        self.progress.update(self.task, description=words)
        if not self.console.is_terminal:
            self.console.print(f"step {state.global_step} of {state.max_steps}  {words}")

    def _teacher(self, line: Mapping[str, Any]) -> None:
        """How many rows a teacher has read."""
        words = f"teacher {line['teacher']}  {line['rows_per_second']} rows/s"
        self.progress.update(
            self.task, description=words, total=line["of"], completed=line["scored"]
        )
        if not self.console.is_terminal:
            self.console.print(f"{words}  {line['scored']} of {line['of']}")
