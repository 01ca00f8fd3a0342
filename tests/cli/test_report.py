"""`lance-graph report`: one page about a batch."""

import json
from html.parser import HTMLParser

import pytest

from lance_graph.categories import KEYS
from lance_graph.cli.batch.figures import figures
from lance_graph.cli.batch.listing import SHORT, folded, policy
from lance_graph.cli.batch.ranking import false_alarms, worst_first
from lance_graph.cli.batch.reading import read_batch
from lance_graph.cli.batch.rows import Degree, Row, label_of
from tests.fakes import FRAUD, VIOLENCE

EVIL = "</script></style><img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


def record(line, status="safe", before=0.1, after=0.1, **fields):
    made = {
        "line": line, "prompt": f"prompt {line}", "response": f"answer {line}", "status": status,
        "reason": f"reason {line}", "iterations": 0, "refined_prompt": None,
        "initial_risk": dict.fromkeys(KEYS, 0.0) | {VIOLENCE: before},
        "risk": dict.fromkeys(KEYS, 0.0) | {VIOLENCE: after}, "would_have": None,
    }  # fmt: skip
    return made | fields


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text outside of style and script."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("style", "script"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data):
        if not self.open:
            self.words.append(data)


@pytest.fixture
def page(lance, write_rows, tmp_path):
    def make(*rows):
        result = lance("report", write_rows(*rows), "--output", tmp_path / "page.html")
        assert result.exit_code == 0, result.stderr
        return (tmp_path / "page.html").read_text(encoding="utf-8")

    return make


def test_what_run_wrote_becomes_a_page_beside_it(lance, write_rows, target, tmp_path):
    rows = write_rows({"prompt": "How to bake?"}, {"prompt": "How to kill him?"}, {"id": 1})
    assert lance("run", "--input", rows, "--output", target).exit_code == 1
    assert lance("report", target).exit_code == 0
    text = " ".join(Page((tmp_path / "out.html").read_text(encoding="utf-8")).words)
    for record in map(json.loads, target.read_text(encoding="utf-8").splitlines()):
        for name in ("prompt", "refined_prompt", "error"):
            assert (record.get(name) or "") in text
    assert "embedded" in text and "enforce" in text  # the settings beside the file


def test_every_row_is_in_the_plain_page_with_both_degrees(page):
    text = " ".join(Page(page(*(record(n, before=0.42, after=0.17) for n in range(1, 300)))).words)
    assert all(f"prompt {n}" in text and f"answer {n}" in text for n in range(1, 300))
    assert text.count("0.42") >= 299 and text.count("0.17") >= 299


def test_everything_from_the_file_is_text(page):
    fields = ("prompt", "response", "reason", "refined_prompt", "status")
    text = page(record(1) | dict.fromkeys(fields, EVIL), {"line": 2, "error": EVIL, "prompt": EVIL})
    read = Page(text)
    assert [tag for tag, _ in read.tags].count("script") == 1
    assert not any(tag == "img" or name.startswith("on") for tag, a in read.tags for name in a)
    assert "".join(read.words).count("onerror") >= 5


def test_it_asks_for_nothing_and_allows_its_own_script_alone(page):
    text = page(record(1))
    read = Page(text)
    assert {"link", "img", "iframe", "base", "object"}.isdisjoint(tag for tag, _ in read.tags)
    assert all(a.get("href", "#").startswith("#") and "src" not in a for _, a in read.tags)
    allowed = [a["content"] for tag, a in read.tags if a.get("http-equiv")]
    assert allowed == [policy(with_script=True)] and "'sha256-" in allowed[0]
    assert "unsafe-inline'; script-src 'sha256-" in allowed[0] and "unsafe-eval" not in allowed[0]
    assert "url(" not in text and "@import" not in text and "fetch(" not in text


def row(outcome="safe", before=0.1, after=0.1, **more):
    return Row("1", outcome, before=Degree(before, "A"), after=Degree(after, "A"), **more)


def test_the_worst_come_first():
    rows = [
        row(after=0.2),
        row("rewritten", after=0.25),
        row("rewritten", after=0.25, rewrites=2),
        row("fell_back", after=0.05),
        row("monitored", after=0.9, would_stop=True),
        row(after=0.01, harmful=True),
        row("degraded"),
        Row("8", "error"),
    ]
    assert worst_first(rows) == [6, 7, 4, 5, 3, 2, 1, 0]


def test_likely_false_alarms_are_those_nearest_to_the_threshold_and_known_ones_first():
    rows = [
        row("rewritten", before=0.9),
        row("rewritten", before=0.31),
        row("fell_back", before=0.5),
        row("rewritten", before=0.95, harmful=False),
        row("rewritten", before=0.31, harmful=True),
        row(before=0.29),
        row("monitored", before=0.4, would_stop=True),
    ]
    assert false_alarms(rows) == [3, 1, 6, 2, 0]


@pytest.mark.parametrize(
    ("fields", "harmful"),
    [({"is_safe": True}, False), ({"is_safe": False}, True), ({"categories": []}, False),
     ({"categories": [VIOLENCE]}, True), ({}, None), ({"is_safe": "no"}, None)],
)  # fmt: skip
def test_a_rows_own_label_is_read(fields, harmful):
    assert label_of(fields) is harmful


def test_counts_are_those_of_the_file_under_its_own_thresholds(write_rows):
    rows = [
        record(1, "rewritten", 0.6, 0.1, iterations=2),
        record(2, "rewritten", 0.45, 0.1, iterations=1),
        record(3, initial_risk={FRAUD: 0.9}, risk={}),
        {"line": 4, "error": "no prompt"},
    ]
    path = write_rows(*rows)
    settings = {
        "thresholds": {"tau": 0.5},
        "category_thresholds": {FRAUD: "off"},
        "target": "offline",
    }
    path.with_name("in.jsonl.settings.json").write_text(json.dumps(settings))
    batch = read_batch(path)
    found = {figure.title: dict(figure.rows) for figure in figures(batch)}
    assert found["Outcomes"] == {"rewritten": (2,), "safe": (1,), "error": (1,)}
    assert [*found["Categories above their threshold"].values()] == [(1, 0)]
    assert found["Rewrites"] == {"0": (1,), "1": (1,), "2": (1,)}
    assert found["Degrees"]["0.6 to 0.7"] == (1, 0) and found["Degrees"]["0.1 to 0.2"] == (0, 2)
    assert batch.facts == {"target": "offline"} and batch.rows[2].before is None


def test_brief_files_and_torn_ones_say_what_is_not_there(lance, write_rows, tmp_path):
    brief = {"line": 1, "prompt": "a", "response": "b", "status": "safe", "reason": "c"}
    path = write_rows(brief | {"refined_prompt": None})
    with path.open("a") as file:
        file.write('{"line": 2, "prom')
    batch = read_batch(path)
    assert len(batch.rows) == 1 and batch.rows[0].before is None
    assert any("Line 2 is half-written" in note for note in batch.notes)
    assert any("iterations, initial_risk, risk" in note for note in batch.notes)
    assert any("thresholds are taken to be the defaults" in note for note in batch.notes)
    assert [figure.title for figure in figures(batch)] == ["Outcomes"]
    assert lance("report", path, "--output", tmp_path / "x.html").exit_code == 0


def test_a_rows_own_fields_are_not_taken_for_the_runs(lance, write_rows, target):
    own = {"risk": "high", "iterations": ["own"], "response": 3, "reason": {}}
    rows = write_rows({"prompt": "How to kill him?"} | own, own)
    assert lance("run", "--input", rows, "--output", target, "--fields", "status").exit_code == 1
    answered, unusable = read_batch(target).rows
    assert (answered.outcome, answered.rewrites, answered.answer) == ("rewritten", None, None)
    assert (unusable.outcome, unusable.answer) == ("error", None) and "prompt" in unusable.note


def test_halves_of_characters_and_control_characters_do_not_stop_it(page):
    odd = "a\ud800b\x00c\u202ed"
    text = page(record(1, odd, reason=odd, prompt=odd, risk={odd: 0.9}))
    assert text.count("a\N{REPLACEMENT CHARACTER}b") >= 4 and "\x00" not in text


def test_the_prompt_of_a_conversation_is_what_the_user_said_last(write_rows):
    turns = [{"role": "user", "content": "one"}, {"role": "user", "content": "two"}]
    batch = read_batch(write_rows({"line": 1, "messages": turns, "status": "safe"}))
    assert batch.rows[0].prompt == "two"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no rows"),
        (["not JSON"], "line 1"),
        ([{"prompt": "a"}], "line 1"),
        ([{"line": 1, "prompt": "a"}], "no 'status'"),
        ([{"line": 1, "risk": {}, "max_risk": 0.1}], "lance-graph score"),
        ([{"line": 1, "prompt": "a", "status": None}], "no 'status'"),
        ([record(1), record(2, risk={VIOLENCE: "secret"})], "line 2"),
        ([record(1, risk={VIOLENCE: 7})], "'risk'"),
        ([record(1, iterations="secret")], "'iterations' must not be a string"),
        ([record(1, response=["secret"])], "'response'"),
    ],
)
def test_what_run_did_not_write_is_refused_in_one_line_without_its_text(
    lance, write_rows, rows, said
):
    result = lance("report", write_rows(*rows))
    assert result.exit_code == 1 and result.stderr.count("\n") == 1
    assert said in result.stderr and "secret" not in result.stderr


def test_settings_that_are_none_are_said(lance, write_rows):
    path = write_rows(record(1))
    beside = path.with_name("in.jsonl.settings.json")
    beside.write_text("{")
    assert any("cannot be read" in note for note in read_batch(path).notes)
    beside.write_text('{"thresholds": {"tau": 7}}')
    result = lance("report", path)
    assert result.exit_code == 1 and "thresholds" in result.stderr


def test_files_that_cannot_be_are_refused(lance, write_rows, tmp_path):
    path = write_rows(record(1))
    assert "no file" in lance("report", tmp_path / "none.jsonl").stderr
    assert lance("report", path, "--output", path).exit_code == 2
    assert (
        "cannot be written" in lance("report", path, "--output", tmp_path / "no" / "p.html").stderr
    )
    assert lance("report", path, "--output", "-").stdout.startswith("<!doctype html>")


def test_long_texts_are_folded_and_lose_nothing():
    text = "word " * 200
    first, rest = folded(text)
    assert first + rest == text and 0 < len(first) <= SHORT
    assert folded("short") == ("short", "") and folded(None) is None
    assert "".join(folded("x" * 500)) == "x" * 500
