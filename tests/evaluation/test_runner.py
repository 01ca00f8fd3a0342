"""The runner: bounded, resumable, and stopped by nothing that one sample does."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from lance_graph import models
from lance_graph.evaluation.call_cache import CallCache, caching
from lance_graph.evaluation.runner import Runner
from lance_graph.evaluation.sample import Reply, Sample, Score
from lance_graph.evaluation.store import Store
from tests.evaluation.scripted import NamedModel
from tests.fakes import ScriptedModel

FACTS = {"suite": "test"}
SAMPLES = [Sample(str(n), f"prompt {n}", category="x") for n in range(6)]


class Kill(BaseException):
    """What nobody catches."""


@dataclass
class Echo:
    """A method that asks its model once, or does what the sample's prompt tells it."""

    name: str = "echo"
    model: str = "fake:echo"
    max_calls: int = 1
    llm: Any = None
    most: int = 0
    working: int = 0
    asked: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    @property
    def title(self):
        return self.name.title()

    async def answer(self, sample):
        self.asked.append(sample.id)
        self.working += 1
        self.most = max(self.most, self.working)
        await asyncio.sleep(0.01)
        self.working -= 1
        if sample.id in self.broken:
            raise ConnectionError(f"secret {sample.prompt}")
        text = sample.prompt
        if self.llm:
            text = (await models.acomplete(self.llm, [HumanMessage(sample.prompt)])).text
        return Reply(text)


@dataclass
class Length:
    """A scorer, with or without a model."""

    names: tuple[str, ...] = ("length",)
    max_calls: int = 0
    llm: Any = None
    error: Exception | None = None
    seen: list[Any] = field(default_factory=list)

    async def score(self, sample, answer):
        self.seen.append((sample, answer))
        if self.llm:
            await models.acomplete(self.llm, [HumanMessage("judge " + answer["response"])])
        if self.error:
            raise self.error
        return {name: Score(value=float(len(answer["response"]))) for name in self.names}


def run(folder, methods, scorers=(), samples=SAMPLES, **options):
    store = Store(folder, FACTS)
    try:
        asyncio.run(Runner(methods, scorers, **options).run(samples, store))
    finally:
        store.close()
    store.tidy((m.name, s.id) for s in samples for m in methods)
    return store.records


def lines(folder):
    return [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]


def test_a_record_per_method_and_sample_with_cost_and_scores(tmp_path):
    llm = ScriptedModel(answers=["hello"])
    records = run(tmp_path, [Echo(llm=llm), Echo("plain")], [Length()])
    assert len(lines(tmp_path)) == len(records) == 12
    asked, plain = records["echo", "3"], records["plain", "3"]
    assert (asked["answer"]["calls"], asked["answer"]["tokens"]) == (1, 5)
    assert (plain["answer"]["calls"], plain["answer"]["tokens"]) == (0, 0)
    assert asked["answer"]["response"] == "hello" and asked["answer"]["seconds"] > 0
    assert (asked["prompt"], asked["category"]) == ("prompt 3", "x")
    assert asked["scores"] == {"length": {"value": 5.0}} and "judging" not in asked


def test_what_judging_costs_is_kept_apart_from_the_answer(tmp_path):
    judge = Length(max_calls=1, llm=ScriptedModel(answers=["8"]))
    record = run(tmp_path, [Echo()], [judge], SAMPLES[:1])["echo", "0"]
    assert record["answer"]["calls"] == 0
    assert (record["judging"]["calls"], record["judging"]["tokens"]) == (1, 5)


def test_a_scorer_is_not_told_who_answered(tmp_path):
    scorer = Length()
    run(tmp_path, [Echo("secret-method")], [scorer], SAMPLES[:1])
    assert "secret-method" not in repr(scorer.seen)


def test_a_sample_that_fails_is_recorded_and_the_others_go_on(tmp_path):
    method = Echo(broken={"2"})
    records = run(tmp_path, [method], [Length()])
    failed = records["echo", "2"]
    assert len(records) == 6
    assert (failed["answer"]["outcome"], failed["answer"]["failure"]) == (
        "failed",
        "ConnectionError",
    )
    assert failed["answer"]["response"] is None and failed["scores"] == {}
    assert "secret" not in (tmp_path / "records.jsonl").read_text()


def test_a_scorer_that_fails_leaves_the_score_missing(tmp_path):
    broken = Length(names=("a", "b"), error=RuntimeError("secret"))
    scores = run(tmp_path, [Echo()], [broken, Length()], SAMPLES[:1])["echo", "0"]["scores"]
    missing = {"value": None, "explanation": "RuntimeError", "missing": "failed"}
    assert scores == {"a": missing, "b": missing, "length": {"value": 8.0}}


def test_no_model_is_given_more_than_the_bound_at_a_time(tmp_path):
    one, two, local = Echo("one"), Echo("two"), Echo("local", model="huggingface:x")
    one.most = two.most = 0
    shared = Echo("shared", model="fake:other")
    run(tmp_path, [one, two, shared, local], concurrency=3, samples=[*SAMPLES])
    assert one.most + two.most >= 3 and shared.most == 3 and local.most == 1


def test_methods_of_one_model_are_bounded_together(tmp_path):
    working = most = 0

    class Counting(Echo):
        async def answer(self, sample):
            nonlocal working, most
            working += 1
            most = max(most, working)
            await asyncio.sleep(0.01)
            working -= 1
            return Reply("x")

    run(tmp_path, [Counting("one"), Counting("two")], concurrency=3)
    assert most == 3


def test_a_second_run_asks_for_nothing(tmp_path):
    method, scorer = Echo(broken={"1"}), Length()
    first = run(tmp_path, [method], [scorer])
    before = (tmp_path / "records.jsonl").read_bytes()
    assert run(tmp_path, [method], [scorer]) == first
    assert len(method.asked) == 6 and len(scorer.seen) == 5
    assert (tmp_path / "records.jsonl").read_bytes() == before


def test_a_method_or_a_judge_that_comes_later_asks_for_its_own_part_only(tmp_path):
    method, judge = Echo(), Length(names=("safety",), max_calls=1)
    run(tmp_path, [method], [Length()])
    records = run(tmp_path, [method, Echo("second")], [Length(), judge])
    assert len(method.asked) == 6 and len(judge.seen) == 12
    assert set(records["echo", "0"]["scores"]) == {"length", "safety"}


def test_an_answer_is_stored_before_a_judge_is_asked(tmp_path):
    class Stopped(Length):
        async def score(self, sample, answer):
            raise Kill

    method = Echo()
    with pytest.raises(BaseExceptionGroup):
        run(tmp_path, [method], [Stopped(max_calls=1)], SAMPLES[:1])
    assert lines(tmp_path)[0]["answer"]["response"] == "prompt 0"
    run(tmp_path, [method], [Length(max_calls=1)], SAMPLES[:1])
    assert method.asked == ["0"]


def test_failures_are_asked_again_only_when_told(tmp_path):
    method, scorer = Echo(broken={"1", "4"}), Length(error=RuntimeError())
    run(tmp_path, [method], [scorer])
    method.broken, scorer.error = {"4"}, None
    records = run(tmp_path, [method], [scorer], retry_failed=True)
    assert method.asked == ["0", "1", "2", "3", "4", "5", "1", "4"]
    assert records["echo", "1"]["scores"] == {"length": {"value": 8.0}}
    assert records["echo", "0"]["scores"] == {"length": {"value": 8.0}}
    assert records["echo", "4"]["answer"]["outcome"] == "failed"


def test_retrying_goes_past_the_cache(tmp_path):
    class Picky(Echo):
        async def answer(self, sample):
            reply = await super().answer(sample)
            if reply.response == "broken":
                raise ValueError
            return reply

    method = Picky(llm=NamedModel(answers=["broken", "fine"]))
    for retry in (False, True):
        with caching(CallCache(tmp_path / "calls.sqlite")):
            records = run(tmp_path, [method], samples=SAMPLES[:1], retry_failed=retry)
    assert records["echo", "0"]["answer"]["response"] == "fine"


def test_a_run_cut_off_in_the_middle_of_a_sample_repeats_no_call(tmp_path):
    class Twice(Echo):
        stop = True

        async def answer(self, sample):
            first = await models.acomplete(self.llm, [HumanMessage("one")])
            if self.stop:
                raise Kill
            second = await models.acomplete(self.llm, [HumanMessage("two")])
            return Reply(first.text + second.text)

    llm = NamedModel(answers=["a", "b", "c"])
    method = Twice(llm=llm)
    with (
        pytest.raises(BaseExceptionGroup),
        caching(CallCache(tmp_path / "calls.sqlite", shared=False)),
    ):
        run(tmp_path, [method], samples=SAMPLES[:1])
    method.stop = False
    with caching(CallCache(tmp_path / "calls.sqlite", shared=False)):
        record = run(tmp_path, [method], samples=SAMPLES[:1])["echo", "0"]
    assert record["answer"]["response"] == "ab"
    assert (record["answer"]["calls"], record["answer"]["cached"]) == (2, 1)
    assert len(llm.calls) == 2


def test_a_call_that_lasts_too_long_is_a_failure_by_its_name(tmp_path):
    class Slow(ScriptedModel):
        async def _agenerate(self, *args, **options):
            await asyncio.sleep(30)

    record = run(tmp_path, [Echo(llm=Slow(answers=["x"]))], samples=SAMPLES[:1], timeout=0.05)[
        "echo", "0"
    ]
    assert record["answer"]["failure"] == "TimeoutError"


def test_the_plan_counts_the_most_calls_and_leaves_out_what_is_done(tmp_path):
    methods = [Echo(max_calls=3), Echo("second", model="fake:b")]
    judge = Length(names=("safety", "tone"), max_calls=2)
    runner = Runner(methods, [judge])
    planned = [(one.name, one.model, one.tasks, one.calls) for one in runner.plan(SAMPLES, {})]
    assert planned == [
        ("echo", "fake:echo", 6, 18),
        ("second", "fake:b", 6, 6),
        ("safety, tone", "Length", 12, 24),
    ]
    done = run(tmp_path, methods[:1], [Length(names=("safety", "tone"))], SAMPLES[:4])
    assert [one.tasks for one in runner.plan(SAMPLES, done)] == [2, 6, 8]


def test_the_observer_hears_of_every_answer_and_score_with_its_cost(tmp_path):
    heard = []
    judge = Length(max_calls=1, llm=ScriptedModel(answers=["8"]))
    run(
        tmp_path, [Echo()], [judge], SAMPLES[:2],
        observe=lambda record, cost, _: heard.append((record["id"], cost["calls"])),
    )  # fmt: skip
    assert sorted(heard) == [("0", 0), ("0", 1), ("1", 0), ("1", 1)]


def test_a_record_that_cannot_be_written_ends_the_run_with_that_error(tmp_path):
    class Full(Store):
        def add(self, record):
            raise OSError(28, "No space left on device")

    store = Full(tmp_path, FACTS)
    with pytest.raises(OSError, match="No space left"):
        asyncio.run(Runner([Echo()], []).run(SAMPLES, store))
    store.close()
