"""Files of prompts: order, bad lines, errors in a row, concurrency, files that cannot work."""

import json
import threading
import time

import pytest

from lance_graph.cli.bulk import in_order
from tests.cli.fixtures import read_rows
from tests.fakes import ScriptedModel, answer_with


def test_a_record_per_row_in_order_with_the_rows_fields(lance, chat_models, write_rows, target):
    source = write_rows(
        {"id": 1, "prompt": "hello", "category": "x"},
        "",
        {"id": 2, "prompt": "how to kill it", "status": "mine", "error": None, "line": 77},
    )
    result = lance(
        "run", "--input", source, "--output", target,
        "--target", "fake:answer", "--refiner", "fake:refine",
    )  # fmt: skip
    first, second = read_rows(target)
    assert result.exit_code == 0 and result.stdout == ""
    assert (first["line"], first["id"], first["category"]) == (1, 1, "x")
    assert (first["status"], first["response"]) == ("safe", "Use the task manager.")
    assert "input" not in first
    assert (second["line"], second["status"]) == (3, "rewritten")
    assert second["input"] == {"status": "mine", "error": None, "line": 77}
    assert "error" not in second
    assert "2 done: 0 errors, 1 rewritten, 1 safe" in result.stderr
    assert "the rows' own status stand below 'input'" in result.stderr


def test_bad_lines_become_error_records_and_the_run_goes_on(lance, chat_models, tmp_path, target):
    source = tmp_path / "in.jsonl"
    source.write_bytes(
        b'\xef\xbb\xbf{"prompt": "first"}\r\n'
        b"not json\n"
        b"[1, 2]\n"
        b'{"text": "x"}\n'
        b'{"prompt": 5}\n'
        b'{"prompt": "  "}\n'
        b'{"prompt": "\xff"}\n'
        b"   \n" + b"[" * 100_000 + b"\n"
        b'{"prompt": "half \\ud83d", "n": NaN}\n'
        b'{"prompt": "last, without end of line"}'
    )
    result = lance("run", "--input", source, "--output", target, "--target", "fake:answer")
    records = read_rows(target)
    assert result.exit_code == 1
    assert [record["line"] for record in records] == [1, 2, 3, 4, 5, 6, 7, 9, 10, 11]
    assert ["error" in record for record in records] == [False] + [True] * 7 + [False] * 2
    assert all(record.keys() == {"line", "error"} for record in records[1:8])
    assert "not JSON" in records[1]["error"] and "a list" in records[2]["error"]
    assert "no field 'prompt'" in records[3]["error"] and "UTF-8" in records[6]["error"]
    assert records[8]["input"] == {"prompt": "half \ud83d"} and records[8]["n"] is None
    assert "7 errors (lines 2, 3, 4, 5, 6, ...)" in result.stderr
    again = lance("run", "--input", source, "--output", target, "--target", "fake:answer")
    assert again.exit_code == 1 and "(10 of them by an earlier run)" in again.stderr


def test_a_row_that_raises_is_recorded_by_type_without_its_text(
    lance, detector, monkeypatch, write_rows, target
):
    def score(pairs):
        raise RuntimeError(f"draft: {pairs}")

    monkeypatch.setattr(detector, "score", score)
    source = write_rows({"id": 3, "prompt": "secret words"})
    result = lance("score", "--input", source, "--output", target)
    (record,) = read_rows(target)
    assert result.exit_code == 1
    assert (record["id"], record["line"]) == (3, 1)
    assert record["error"].startswith("RuntimeError: ") and "secret" not in record["error"]


@pytest.mark.parametrize("option", ["--target", "--refiner"])
def test_a_wrong_model_stops_before_any_row(lance, chat_models, prompts, target, option):
    for name in ("nonsense", "no:such"):
        result = lance("run", "--input", prompts, "--output", target, option, name)
        assert result.exit_code == 1 and option in result.stderr
        assert not target.exists()


def test_a_wrong_checkpoint_stops_before_an_output_is_overwritten(
    lance, monkeypatch, prompts, target
):
    def missing(name):
        raise OSError(f"no detector checkpoint at {name!r}")

    target.write_text("precious\n")
    monkeypatch.setattr("lance_graph.detector.detector.load_detector", missing)
    for command in ("run", "score"):
        args = ("--input", prompts, "--output", target, "--overwrite", "--detector", "x")
        result = lance(command, *args)
        assert result.exit_code == 1 and "no detector checkpoint at 'x'" in result.stderr
    assert target.read_text() == "precious\n"


def test_concurrency_keeps_the_order_and_is_bounded(lance, chat_models, prompts, target):
    running, most, lock = 0, 0, threading.Lock()

    def slow(text):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.001 * (hash(text) % 20))
        with lock:
            running -= 1
        return text

    chat_models["fake:echo"] = answer_with(slow)
    result = lance(
        "run", "--input", prompts, "--output", target, "--target", "fake:echo", "--concurrency", "4"
    )
    records = read_rows(target)
    assert result.exit_code == 0
    assert [record["line"] for record in records] == list(range(1, 31))
    assert all(record["response"] == record["prompt"] for record in records)
    assert 1 < most <= 4


def test_sequential_and_concurrent_runs_agree(lance, chat_models, prompts, tmp_path):
    outputs = []
    for workers in ("1", "3"):
        target = tmp_path / f"{workers}.jsonl"
        lance("run", "--input", prompts, "--output", target, "--target", "fake:answer",
              "--concurrency", workers)  # fmt: skip
        outputs.append([record | {"trace": None} for record in read_rows(target)])
    assert outputs[0] == outputs[1]


def test_in_order_reads_no_further_than_it_must():
    read = []

    def numbers():
        for number in range(1000):
            read.append(number)
            yield number

    results = in_order(lambda number: number, numbers(), 2)
    assert next(results) == 0
    results.close()
    assert len(read) <= 4


def test_files_that_cannot_work_are_named(lance, prompts, tmp_path):
    link = tmp_path / "link.jsonl"
    link.symlink_to(prompts)
    out = tmp_path / "out.jsonl"
    for source, target, part in (
        (tmp_path / "none.jsonl", out, "none.jsonl"),
        (tmp_path, out, "not a regular file"),
        (prompts, prompts, "same file"),
        (prompts, link, "same file"),
        (prompts, tmp_path / "no" / "out.jsonl", "no folder"),
        (prompts, tmp_path, "not a regular file"),
    ):
        result = lance("score", "--input", source, "--output", target)
        assert result.exit_code == 1
        assert part in result.stderr and result.stderr.count("\n") == 1
    assert len(read_rows(prompts)) == 30


def test_an_empty_input_gives_an_empty_output(lance, write_rows, target):
    result = lance("score", "--input", write_rows(), "--output", target)
    assert result.exit_code == 0 and target.read_bytes() == b""
    assert "0 done: 0 errors" in result.stderr


def test_output_lines_are_strict_ascii_json(lance, chat_models, write_rows, target):
    source = write_rows({"prompt": "line\u2028separator é \ud800", "x": float("inf")})
    lance("run", "--input", source, "--output", target, "--target", "fake:answer")
    raw = target.read_bytes()
    assert raw.isascii() and raw.count(b"\n") == 1

    def refuse(constant):
        raise AssertionError(constant)

    assert json.loads(raw, parse_constant=refuse)["x"] is None


def test_an_outage_exits_with_3_and_is_retried_when_asked(lance, chat_models, write_rows, target):
    source = write_rows(
        {"prompt": "one"}, {"prompt": "two"}, {"text": "no row"}, {"prompt": "three"}
    )
    args = ("run", "--input", source, "--output", target, "--target", "fake:answer")
    outage = ConnectionError("no route")
    chat_models["fake:answer"] = ScriptedModel(answers=["One.", outage, outage])
    result = lance(*args)
    assert result.exit_code == 3 and "--retry-failed tries those again" in result.stderr
    assert [record.get("status") for record in read_rows(target)] == [
        "safe", "degraded", None, "degraded",
    ]  # fmt: skip
    first = target.read_bytes().splitlines()[0]
    chat_models["fake:answer"] = model = ScriptedModel(answers=["Two.", "Three."])
    assert lance(*args).exit_code == 3 and not model.calls
    retried = lance(*args, "--retry-failed")
    assert retried.exit_code == 1, retried.stderr  # the line that is no row is still none
    assert [record.get("response") for record in read_rows(target)] == [
        "One.", "Two.", None, "Three.",
    ]  # fmt: skip
    assert target.read_bytes().splitlines()[0] == first and len(model.calls) == 2


def test_a_mended_line_is_taken_up_by_a_retry(lance, chat_models, write_rows, target):
    args = ("run", "--output", target, "--target", "fake:answer", "--input")
    assert lance(*args, write_rows({"prompt": "a"}, "not json", {"prompt": "b"})).exit_code == 1
    source = write_rows({"prompt": "a"}, {"prompt": "mended"}, {"prompt": "b"})
    assert "does not belong to" in lance(*args, source).stderr
    assert lance(*args, source, "--retry-failed").exit_code == 0
    assert [record["prompt"] for record in read_rows(target)] == ["a", "mended", "b"]


def test_ctrl_c_during_a_retry_loses_no_record(lance, chat_models, write_rows, target):
    source = write_rows(*({"prompt": f"p{n}"} for n in range(4)))
    args = ("run", "--input", source, "--output", target, "--target", "fake:answer")
    chat_models["fake:answer"] = ScriptedModel(answers=[ConnectionError("no route")])
    lance(*args)

    def once(text):
        if text == "p2":
            raise KeyboardInterrupt
        return "Fine."

    chat_models["fake:answer"] = answer_with(once)
    assert lance(*args, "--retry-failed").exit_code == 130
    assert [record["status"] for record in read_rows(target)] == ["safe"] * 2 + ["degraded"] * 2
    assert not list(target.parent.glob("*.partial"))


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (("--tau", "0.2"), "thresholds"),
        (("--mode", "monitor"), "mode"),
        (("--target", "offline"), "target"),
        (("--brief",), "fields"),
    ],
)
def test_a_resume_with_other_settings_is_refused(
    lance, chat_models, write_rows, target, other, named
):
    args = ("run", "--input", write_rows({"prompt": "a"}), "--output", target)
    assert lance(*args, "--target", "fake:answer").exit_code == 0
    before = target.read_bytes()
    refused = lance(*args, "--target", "fake:answer", *other)
    assert refused.exit_code == 1 and f"{named} is " in refused.stderr
    assert "--overwrite" in refused.stderr and target.read_bytes() == before
    assert lance(*args, "--target", "fake:answer", "--concurrency", 2).exit_code == 0
    assert lance(*args, "--target", "fake:answer", *other, "--overwrite").exit_code == 0
    target.with_name("out.jsonl.settings.json").unlink()
    assert "nobody wrote down" in lance(*args, "--target", "fake:answer", *other).stderr


def test_conversations_are_rows_and_their_last_turn_is_answered(
    lance, chat_models, write_rows, target
):
    turns = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "And half \ud83d of it?"},
    ]
    source = write_rows(
        {"id": 1, "messages": turns},
        {"messages": []},
        {"messages": "no"},
        {"messages": [{"role": "king", "content": "secret"}]},
        {"messages": [{"role": "assistant", "content": "secret"}]},
        {"messages": [3]},
    )
    chat_models["fake:answer"] = model = ScriptedModel(answers=["Sure."])
    args = ("run", "--input", source, "--output", target, "--target", "fake:answer")
    result = lance(*args)
    records = read_rows(target)
    assert result.exit_code == 1 and len(model.calls) == 1
    assert [message.text for message in model.calls[0]][:2] == ["Hello", "Hi."]
    assert records[0]["response"] == "Sure." and records[0]["messages"] == turns
    assert all("error" in record and "secret" not in record["error"] for record in records[1:])
    assert lance(*args).exit_code == 1 and len(model.calls) == 1
    scored = lance("score", "--input", source, "--output", target.with_name("s.jsonl"))
    assert scored.exit_code == 1 and "6 errors" in scored.stderr


def test_only_the_wanted_fields_are_written(lance, chat_models, write_rows, target):
    source = write_rows({"id": 1, "prompt": "a", "response": "mine"})
    args = ("run", "--input", source, "--output", target, "--target", "fake:answer")
    result = lance(*args, "--brief")
    (record,) = read_rows(target)
    assert record.keys() == {
        "line", "id", "prompt", "response", "status", "reason", "refined_prompt", "input",
    }  # fmt: skip
    assert record["input"] == {"response": "mine"} and "own response stand below" in result.stderr
    assert lance(*args, "--brief").exit_code == 0
    lance(*args, "--fields", "risk", "--overwrite")
    assert read_rows(target)[0].keys() == {"line", "id", "prompt", "response", "risk", "status"}
    shown = lance("run", "hello", "--target", "fake:answer", "--json", "--fields", "response")
    assert json.loads(shown.stdout) == {"response": "Use the task manager.", "status": "safe"}
    for wrong in (
        ("run", "x", "--brief"),
        ("run", "x", "--json", "--fields", "rsk"),
        ("run", "x", "--json", "--fields", "risk", "--brief"),
        ("run", "x", "--retry-failed"),
        ("score", "x", "--retry-failed"),
        (*args, "--retry-failed", "--overwrite"),
    ):
        assert lance(*wrong).exit_code == 2
