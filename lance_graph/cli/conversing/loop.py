"""What is typed, line by line: a turn, or a command with a slash."""

import re
import sys
import time
from importlib.util import find_spec

from lance_graph.cli.conversing.conversation import Conversation
from lance_graph.cli.conversing.telling import Telling
from lance_graph.cli.prepare import whole

_COMMAND = re.compile(r"/[a-z]+")
"""One word with one slash: a line such as '/etc/hosts' or '/s what does it mean?' is a question."""
PROMPT = "\nyou> "
HELP = """/why   why the last answer came out as it did, and which words drove it
/new   forget the conversation and begin anew
/help  this
/quit  leave (so does Ctrl-D); Ctrl-C stops an answer"""


class Loop:
    """Reads lines until their end; ``degraded`` says whether a component failed in any turn."""

    def __init__(self, conversation: Conversation, telling: Telling, debug: bool = False) -> None:
        self.conversation, self.telling, self.debug = conversation, telling, debug
        self.degraded = False
        self.watched = sys.stdin.isatty()

    def run(self) -> None:
        """The whole conversation."""
        if self.watched:
            if find_spec("readline"):
                import readline  # noqa: F401 - importing it gives input() its line editing
            self.telling.note("Ask something; /help lists the commands, Ctrl-D ends.")
        while (line := self.read()) is not None:
            try:
                if not self.handle(line):
                    return
            except KeyboardInterrupt:
                if not self.watched:
                    raise
                self.telling.note("stopped; the conversation goes on without it")

    def handle(self, line: str) -> bool:
        """Answer a line, or do what it says; False where it ends the conversation."""
        if _COMMAND.fullmatch(line.strip()):
            return self.command(line.strip())
        if line.strip():
            self.turn(line)
        return True

    def read(self) -> str | None:
        """The next line; None at the end."""
        while True:
            try:
                return whole(self.typed())
            except EOFError:
                if self.watched:
                    self.telling.note("")
                return None
            except UnicodeDecodeError:
                self.telling.note("that line is not UTF-8 text, and was left out")
            except KeyboardInterrupt:
                if not self.watched:
                    raise
                self.telling.note("\n/quit or Ctrl-D ends the conversation")

    def typed(self) -> str:
        """What a person types, or the next line of a pipe; where standard output is one, no prompt in it."""
        if self.watched and not sys.stdout.isatty():
            print(PROMPT, end="", file=sys.stderr, flush=True)
            return input()
        return input(PROMPT if self.watched else "")

    def turn(self, prompt: str) -> None:
        """One question and its answer."""
        begin = time.monotonic()
        try:
            with self.telling.working():
                answer = self.conversation.ask(prompt, self.telling.step)
        except Exception as error:  # its text may quote what was not judged safe
            if self.debug:
                raise
            self.degraded = True
            self.telling.note(
                f"failed: {type(error).__name__}; this question is forgotten (--debug shows where)"
            )
            return
        self.telling.answer(answer)
        verdict = self.conversation.verdict
        if verdict is not None:
            self.degraded |= verdict["status"] == "degraded"
            self.telling.verdict(verdict, time.monotonic() - begin)

    def command(self, line: str) -> bool:
        """Do what a line with a slash says; False where it ends the conversation."""
        verdict = self.conversation.verdict
        if line in ("/quit", "/exit"):
            return False
        if line == "/new":
            self.conversation.forget()
            self.telling.note("a new conversation")
        elif line == "/why" and verdict is not None:
            self.telling.why(verdict)
        elif line == "/why":
            self.telling.note("nothing has been answered yet")
        else:
            if line != "/help":
                self.telling.note("there is no such command")
            self.telling.note(HELP)
        return True
