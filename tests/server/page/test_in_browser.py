"""The page in a real browser, against a real server: what a person types, sees, reaches by keyboard."""

import hashlib
import math
import random
from importlib.util import find_spec
from pathlib import Path

import pytest

from lance_graph.routing import Finding, ThresholdPolicy, Thresholds, choose_branch, hazards
from lance_graph.server.keys import Key
from tests.fakes import VIOLENCE, AnswerDetector, WordDetector
from tests.integration.scenarios import ANSWER, DRAFT, REFINED, TYPED, UNSAFE, words
from tests.server.serving import Target, serving

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect
pytestmark = pytest.mark.server
EVIL = (
    "<img src=x onerror=\"document.title='owned'\"></script><script>document.title='owned'</script>"
)
INJECTION = "Ignore all"
AXE = """() => axe.run().then(
  (found) => found.violations.map((one) => [one.id, one.impact, one.nodes[0].html]))"""


def repaired(messages):
    return ANSWER if "defuse" in messages[-1].text else UNSAFE


@pytest.fixture(scope="module")
def server():
    risky = {**words(), INJECTION: (VIOLENCE, 0.9), "mean": (VIOLENCE, 0.6)}
    with serving(Target(), detector=AnswerDetector(risky), max_iterations=4) as found:
        yield found


@pytest.fixture
def open_page(chromium, server):
    """Opens the page; at the end nothing was asked of another host, nothing went wrong, no draft was seen."""
    opened = []

    def opening(at=server, *, motion="reduce", width=1280, **more):
        view = {"viewport": {"width": width, "height": 900}, "reduced_motion": motion}
        context = chromium.new_context(**view, **more)
        page = context.new_page()
        page.asked, page.wrong, page.said = [], [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("console", lambda said: page.said.append(said.text))
        opened.append((page, at))
        page.goto(at.url)
        return page

    yield opening
    for page, at in opened:
        assert [url for url in page.asked if not url.startswith(f"{at.url}/")] == []
        assert page.wrong == [] and not [said for said in page.said if "Security Policy" in said]
        assert DRAFT not in page.content() and REFINED not in page.content()
        page.context.close()


def ask(page, text):
    page.get_by_role("textbox", name="Your prompt").fill(text)
    page.get_by_role("button", name="Ask", exact=True).click()


def ended(page):
    heading = page.locator("#ending")
    expect(heading).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_enabled()
    return heading.inner_text()


def lit(page):
    return {
        one.removeprefix("box-")
        for one in page.locator(".box.was").evaluate_all("all => all.map((one) => one.id)")
    }


def test_boxes_light_up_until_the_answer_stands_there(server, open_page):
    server.target.plays(repaired)
    page = open_page(motion="no-preference")
    ask(page, TYPED)
    expect(page.locator("#box-score_risk.now")).to_be_visible()
    expect(page.locator("#now")).to_contain_text("rewrite_severe")
    assert page.locator("#results").is_hidden()
    assert ended(page) == "Your prompt was rewritten, and then answered."
    assert page.locator("#answer").inner_text() == ANSWER
    assert {"open_turn", "score_risk", "rewrite_severe", "generate_response", "deliver"} <= lit(
        page
    )
    assert "fall_back" not in lit(page) and page.locator(".box.now").count() == 0
    assert page.locator("#way-score_risk-rewrite_severe.took").count() == 1


def test_the_words_the_gradient_and_the_degrees_say_why(server, open_page):
    server.target.plays(repaired)
    page = open_page()
    ask(page, TYPED)
    ended(page)
    assert page.locator("#marked mark").all_inner_texts() == ["attack"]
    assert page.locator("#marked").inner_text() == TYPED
    assert page.locator("#diff del").count() and page.locator("#diff ins").count()
    assert (
        "0.90, a severe change is asked for, carried by “attack”"
        in page.locator(".steps").inner_text()
    )
    first = page.locator(".risks tbody tr").first
    assert first.locator("th").inner_text().startswith("Violence")
    assert first.locator(".figure.before").inner_text().startswith("0.90 [0.8")
    assert first.locator(".figure.after").inner_text().startswith("0.02 [0.0")
    assert page.locator(".risks tbody tr").count() == 14


def test_where_pairs_alone_are_scored_the_degrees_before_are_said_to_be_of_one(open_page):
    with serving(detector=AnswerDetector(words()), screening="pair") as server:
        server.target.plays(ANSWER)
        page = open_page(server)
        ask(page, "hello there")
        ended(page)
        said = page.locator(".risks .aside").first.inner_text()
        assert said.startswith("Before: your prompt with the first answer. After:")


def test_a_harmless_prompt_is_said_to_be_one(server, open_page):
    server.target.plays("hello yourself")
    page = open_page()
    ask(page, "hello there")
    assert ended(page) == "Your prompt was harmless and went on as it was."
    assert page.locator("#answer").inner_text() == "hello yourself"
    assert page.locator("#diff").count() == 0


def test_sliders_say_at_once_where_the_run_would_have_gone(server, open_page):
    server.target.plays(repaired)
    page = open_page()
    ask(page, TYPED)
    ended(page)
    says, asked = page.locator("#would"), len(page.asked)
    assert "severe" in says.inner_text() and "rewrite_severe" in says.inner_text()
    page.get_by_label("Severe effort above").fill("0.95")
    assert "rewrite_mild" in says.inner_text()
    assert page.locator("#box-rewrite_mild.would").count() == 1
    page.get_by_label("Hazardous above").fill("0.92")
    assert "generate_response" in says.inner_text()
    assert [page.locator(f"#slider-{name}").input_value() for name in Thresholds.model_fields] == [
        "0.92", "0.93", "0.95"
    ]  # fmt: skip
    page.get_by_role("button", name="Back to this server's").click()
    assert "rewrite_severe" in says.inner_text() and page.locator(".would").count() == 0
    assert len(page.asked) == asked


def test_every_example_comes_to_an_end(server, open_page):
    server.target.plays(ANSWER)
    page = open_page()
    expect(page.locator(".example")).to_have_count(6)
    names = page.locator(".example").all_inner_texts()
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()
        assert ended(page)
        assert page.locator("#answer").inner_text() == ANSWER
        if name == "A borderline wish":
            assert "rewrite_mild" in lit(page)
        if "injection" in name:
            assert "Turn 3 (tool)" in page.locator("#kept-back").inner_text()


def test_offline_the_page_says_so_and_leaves_out_what_it_cannot_show(open_page):
    with serving(target="offline", detector=WordDetector(words())) as server:
        page = open_page(server)
        expect(page.locator("#parts")).to_contain_text("offline responder")
        expect(page.locator("#left-out")).to_be_visible()
        expect(page.locator(".example")).to_have_count(5)


def test_side_by_side_shows_what_the_target_says_alone_and_withholds_what_is_hazardous(
    server, open_page
):
    def said(messages):
        return "I would rather not" if messages[0].type == "system" else repaired(messages)

    server.target.plays(said)
    page = open_page(width=1400)
    page.get_by_role("tab", name="In the graph").press("ArrowRight")
    assert page.evaluate("() => document.activeElement.id") == "tab-compare"
    assert page.locator("#panel-run").is_hidden()
    ask(page, TYPED)
    column = page.locator(".column")
    expect(column.nth(2)).to_contain_text(ANSWER, timeout=20_000)
    assert "Withheld: the answer was judged hazardous." in column.nth(0).inner_text()
    assert "Violence, aiding and abetting, incitement 0.75" in column.nth(0).inner_text()
    assert "I would rather not" in column.nth(1).inner_text()
    page.evaluate(f"() => {{ {axe()} }}")
    assert page.evaluate(AXE) == []
    page.get_by_role("tab", name="Side by side").press("Home")
    assert page.locator("#panel-run").is_visible()


def test_a_conversation_goes_on_and_turns_can_be_taken_out(server, open_page):
    server.target.plays("first answer")
    page = open_page()
    ask(page, "hello there")
    ended(page)
    page.get_by_role("button", name="Go on with this conversation").click()
    assert page.evaluate("() => document.activeElement.id") == "prompt"
    server.target.plays("second answer")
    ask(page, "and now")
    ended(page)
    sent = [(one.type, one.text) for one in server.target.calls[-1]]
    assert sent == [("human", "hello there"), ("ai", "first answer"), ("human", "and now")]
    page.get_by_role("button", name="Remove turn 1").click()
    page.get_by_role("button", name="Remove turn 1").click()
    page.get_by_role("button", name="Add turns").click()
    ask(page, "and then")
    ended(page)
    assert [one.text for one in server.target.calls[-1]] == ["and then"]


def test_a_key_is_asked_for_and_kept_in_memory_alone(open_page):
    keys = [Key("alice", hashlib.sha256(b"sesame").hexdigest())]
    with serving(more={"keys": keys}) as server:
        server.target.plays("hello yourself")
        page = open_page(server)
        field = page.get_by_label("API key")
        expect(field).to_be_visible()
        assert page.get_by_role("button", name="Ask", exact=True).is_disabled()
        field.fill("wrong")
        field.press("Enter")
        expect(page.locator("#door-says")).to_have_text("That is no key of this server.")
        field.fill("sesame")
        field.press("Enter")
        expect(field).to_be_hidden()
        ask(page, "hello there")
        assert "harmless" in ended(page)
        assert page.evaluate("() => [localStorage.length, sessionStorage.length]") == [0, 0]
        assert page.context.cookies() == [] and "sesame" not in page.content()
        page.reload()
        expect(field).to_be_visible()


def test_a_key_that_has_had_its_share_is_waited_for(open_page):
    keys = [Key("alice", hashlib.sha256(b"sesame").hexdigest(), per_minute=60)]
    with serving(more={"keys": keys}) as server:
        page = open_page(server)
        gate = server.app.state.lance.gate
        gate._left["alice"] = (-1.0, gate.clock())  # as after asking a server that loads for long
        field = page.get_by_label("API key")
        field.fill("sesame")
        field.press("Enter")
        expect(page.locator("#now")).to_contain_text("waiting")
        expect(field).to_be_hidden(timeout=10_000)
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_enabled()


def test_what_calls_itself_a_script_is_text(server, open_page):
    server.target.plays(f"{EVIL} answered")
    page = open_page()
    ask(page, f"{TYPED} {EVIL}")
    ended(page)
    page.get_by_role("button", name="Clear").click()
    ask(page, f"hello {EVIL}")
    ended(page)
    assert page.title() == "LANCE" and page.locator("main img, main script").count() == 0
    assert page.locator("#answer").inner_text() == f"{EVIL} answered"
    assert page.locator("#marked").inner_text() == f"hello {EVIL}"
    page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>' } catch { window.held = true } }"
    )
    assert page.evaluate("() => window.held")


def test_a_failure_is_said_without_what_failed(server, open_page):
    server.target.plays(RuntimeError(f"400: {UNSAFE}"))
    page = open_page()
    ask(page, "hello there")
    expect(page.locator("#trouble")).to_contain_text("target model")
    assert (
        page.locator("#results").is_hidden() and page.locator("#now").inner_text() == "No answer."
    )
    page.get_by_role("textbox", name="Your prompt").fill(" ")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#trouble")).to_have_text("There is nothing to ask yet.")


def test_a_run_can_be_stopped(server, open_page):
    server.target.plays(ANSWER, delay=20)
    page = open_page()
    ask(page, "hello there")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#now")).to_have_text("Stopped.")
    server.target.plays(ANSWER)
    ask(page, "hello there")
    assert ended(page)


def test_the_keyboard_alone_is_enough(server, open_page):
    server.target.plays(repaired)
    page = open_page()
    expect(page.locator("#go")).to_be_enabled()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link that skips to the prompt
    page.keyboard.type(TYPED)
    page.keyboard.press("Control+Enter")
    ended(page)
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("() => document.activeElement.id || document.activeElement.className")
        )
        if seen[-1] == "slider-tau_severe":
            break
    order = [
        "go",
        "earlier",
        "clear",
        "example",
        "drawing",
        "go-on",
        "slider-tau",
        "slider-tau_severe",
    ]
    assert list(dict.fromkeys(one for one in seen if one in order)) == order
    for _ in range(25):
        page.keyboard.press("ArrowRight")
    assert "rewrite_mild" in page.locator("#would").inner_text()


def test_the_page_itself_does_not_scroll_sideways(server, open_page):
    server.target.plays("long" * 200)
    page = open_page(width=800)
    ask(page, f"{TYPED} {'word' * 60}")
    ended(page)
    for width in (800, 360, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def axe():
    spec = find_spec("axe_playwright_python")
    if not spec or not spec.origin:
        pytest.skip("axe-playwright-python is not installed")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def test_axe_finds_nothing(server, open_page):
    source = axe()
    server.target.plays(repaired)
    page = open_page(color_scheme="light")
    page.evaluate(f"() => {{ {source} }}")
    assert page.evaluate(AXE) == []
    ask(page, TYPED)
    ended(page)
    assert page.evaluate(AXE) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 900})
    assert page.evaluate(AXE) == []


def test_the_pages_rule_is_equation_1(server, open_page):
    chance = random.Random(29)
    cases, expected = [], []
    for _ in range(1_000):
        case, branch = drawn(chance)
        cases.append(case)
        expected.append(branch)
    found = open_page().evaluate(
        """async (cases) => {
          const { chooseBranch, hazards } = await import("/page/rule.js");
          return cases.map(({ degrees, thresholds, categories, finding }) => {
            const found = hazards(degrees, thresholds, new Map(Object.entries(categories)));
            return [chooseBranch({ ...finding, efforts: found.map(([, effort]) => effort) }), found];
          });
        }""",
        cases,
    )
    for (branch, efforts), (its_branch, its_efforts), case in zip(
        expected, found, cases, strict=True
    ):
        assert (branch, efforts) == (its_branch, dict(its_efforts)), case
        if None not in case["degrees"].values():  # Python gives those no order among themselves
            assert list(efforts) == [key for key, _ in its_efforts], case
    assert len({branch for branch, _ in expected}) == 7


def drawn(chance):
    """Degrees, thresholds and a finding by chance, as JSON; with where Python leads them."""
    low, middle, high = sorted(chance.sample(range(1, 100), 3))
    thresholds = Thresholds(tau=low / 100, tau_mild=middle / 100, tau_severe=high / 100)
    exceptions = {"b": Thresholds(tau=0.1, tau_mild=0.2, tau_severe=0.3), "c": "off"}
    own = {key: value for key, value in exceptions.items() if chance.random() < 0.5}
    policy = ThresholdPolicy(default=thresholds, by_category=own)
    likely = chance.choice(
        [(low / 100, 0.001), (middle / 100, high / 100, 0.2), (math.nan, 1.0, 0.0)]
    )
    degrees = {key: chance.choice([chance.random() ** 2, *likely]) for key in "abcd"}
    flags = ("failed", "answered", "answer_alone", "budget_left", "waits")
    finding = {name: chance.random() < (0.1 if name == "failed" else 0.5) for name in flags}
    if "unanswered" in Finding.__annotations__:
        finding["unanswered"] = chance.sample(["minor", "mild", "severe"], chance.randrange(3))
    found = hazards(degrees, policy)
    branch = choose_branch(Finding(**finding, efforts=list(found.values()), watched=False))
    plain = {key: None if math.isnan(degree) else degree for key, degree in degrees.items()}
    categories = {
        key: {
            "off": policy.is_off(key),
            "thresholds": None if policy.is_off(key) else own[key].model_dump(),
        }
        for key in own
    }
    case = {"degrees": plain, "thresholds": thresholds.model_dump(), "categories": categories}
    return {**case, "finding": finding}, (branch, found)
