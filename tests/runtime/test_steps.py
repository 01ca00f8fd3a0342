import asyncio

import pytest

from lance_graph.runtime.steps import Wait, arun, blocking, run


async def later(value):
    await asyncio.sleep(0)
    return value


def adding(*waits):
    total = 0
    for wait in waits:
        try:
            total += yield wait
        except ValueError as error:
            total += len(str(error))
    return total


def failing(error):
    def call():
        raise error

    async def acall():
        raise error

    return Wait(call, acall)


def number(value):
    return Wait(lambda: value, lambda: later(value))


@pytest.fixture(params=["sync", "async"])
def drive(request):
    return (
        run if request.param == "sync" else lambda steps: asyncio.run(arun(steps))
    )  # both faces of one generator


def test_results_go_in_and_what_it_returns_comes_out(drive):
    assert drive(adding(number(1), blocking(int, "2"), number(3))) == 6


def test_errors_are_thrown_in_and_can_be_handled(drive):
    assert drive(adding(number(1), failing(ValueError("four")), number(2))) == 7


def test_errors_that_are_not_handled_come_out_as_they_are(drive):
    error = KeyError("x")
    with pytest.raises(KeyError) as raised:
        drive(adding(failing(error)))
    assert raised.value is error


def test_a_generator_that_waits_for_nothing(drive):
    assert drive(adding()) == 0


async def test_cancelling_closes_the_generator():
    closed = []

    def steps():
        try:
            yield Wait(lambda: None, lambda: asyncio.sleep(60))
        finally:
            closed.append(True)

    task = asyncio.create_task(arun(steps()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == [True]
