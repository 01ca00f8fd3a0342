"""Keys, rates and places: who may come in, how often, how many at a time."""

import asyncio
import hashlib

import httpx
import pytest

from lance_graph import LanceContext
from lance_graph.server.errors import ApiError
from lance_graph.server.gate import Gate, Slots, is_loopback
from lance_graph.server.keys import Key, new_key, owner, read_keys
from tests.fakes import BrokenDetector, WordDetector
from tests.integration.scenarios import detector
from tests.server.serving import HELLO, Target, serving

HASH = hashlib.sha256(b"secret").hexdigest()


class TestKeys:
    def test_a_new_key_opens_and_is_not_in_the_file(self, tmp_path):
        path = tmp_path / "keys.txt"
        first, second = new_key(path, "ann"), new_key(path, "bob")
        keys = read_keys(path)
        assert [key.id for key in keys] == ["ann", "bob"]
        assert owner(keys, first).id == "ann" and owner(keys, second).id == "bob"
        assert first not in path.read_text() and len(first) > 43 and first != second
        assert path.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("given", ["", "secret ", "Secret", "sha256", HASH, "\ud800"])
    def test_another_does_not(self, given):
        assert owner([Key("ann", HASH)], given) is None
        assert owner([Key("ann", HASH)], "secret").id == "ann"

    def test_a_line_without_an_end_stays_whole(self, tmp_path):
        path = tmp_path / "keys.txt"
        path.write_text(f"# who\n\nann sha256:{HASH} per_minute=5 context=own.yaml")
        new_key(path, "bob")
        ann, bob = read_keys(path)
        assert ann == Key("ann", HASH, tmp_path / "own.yaml", 5.0) and bob.id == "bob"

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("ann", "behind the id"), ("ann lance-mykey", "behind"), ("ann sha256:abc", "behind"),
            (f"an/n sha256:{HASH}", "begins with an id"), (f"ann sha256:{HASH} per_minute=0", "per_minute=N"),
            (f"ann sha256:{HASH} mode=monitor", "context=FILE"),
            (f"ann sha256:{HASH}\nann sha256:{HASH}", "twice"),
            ("# none", "no key in it"),
        ],
    )  # fmt: skip
    def test_a_line_that_is_wrong_is_named_and_not_quoted(self, tmp_path, line, said):
        path = tmp_path / "keys.txt"
        path.write_text(line)
        with pytest.raises(ValueError, match=said) as caught:
            read_keys(path)
        assert "mykey" not in str(caught.value) and HASH not in str(caught.value)

    @pytest.mark.parametrize("name", ["", "an n", "-a", "a" * 65, "a\nb", "ann"])
    def test_an_id_that_cannot_be(self, tmp_path, name):
        path = tmp_path / "keys.txt"
        new_key(path, "ann")
        with pytest.raises(ValueError, match=r"no id|there already"):
            new_key(path, name)


class TestRates:
    def test_a_bucket_empties_and_fills(self):
        now = [0.0]
        gate, key = Gate(clock=lambda: now[0]), Key("ann", HASH, per_minute=2)
        gate.count(key)
        gate.count(key)
        with pytest.raises(ApiError) as caught:
            gate.count(key)
        assert (caught.value.status, caught.value.headers) == (429, {"Retry-After": "30"})
        now[0] = 29
        with pytest.raises(ApiError):
            gate.count(key)
        now[0] = 30.1
        gate.count(key)
        now[0] = 10_000
        gate.count(key)
        gate.count(key)
        with pytest.raises(ApiError):
            gate.count(key)

    def test_keys_have_their_own_and_may_have_none(self):
        gate = Gate(clock=lambda: 0.0)
        gate.count(Key("ann", HASH, per_minute=1))
        gate.count(Key("bob", HASH, per_minute=1))
        for _ in range(100):
            gate.count(Key("eve", HASH))


def test_a_place_is_given_back_whatever_happens():
    slots = Slots(1)
    with pytest.raises(KeyError), slots.one():
        with pytest.raises(ApiError) as caught, slots.one():
            pass
        assert caught.value.status == 429
        raise KeyError
    with slots.one():
        assert slots.taken == 1


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.1.2.3", True), ("0.0.0.0", False),
        ("::", False), ("192.168.0.1", False), ("localhost.evil.test", False), ("", False),
        ("evil.test", False), ("::ffff:10.0.0.1", False),
    ],
)  # fmt: skip
def test_which_addresses_are_this_machines(host, is_here):
    assert is_loopback(host) == is_here


@pytest.fixture(scope="module")
def served():
    digests = {
        name: hashlib.sha256(f"{name}s".encode()).hexdigest() for name in ("ann", "bob", "eve")
    }
    keys = [Key("ann", digests["ann"]), Key("bob", digests["bob"], per_minute=2)]
    target = Target(model="target")
    own = LanceContext(target=target, detector=detector(), unscored_parts="refuse")
    more = {"keys": [*keys, Key("eve", digests["eve"])], "contexts": {"eve": own}}
    with serving(target, more=more) as server:
        yield server


@pytest.fixture(scope="module")
def unlocked():
    with serving(Target(model="target")) as server:
        yield server


@pytest.mark.server
class TestOverHttp:
    @staticmethod
    def chat(served, key, **fields):
        headers = {"Authorization": f"Bearer {key}"}
        return served.post(json={**HELLO, **fields}, headers=headers)

    @pytest.mark.parametrize(
        "headers",
        [
            {}, {"Authorization": "Bearer"}, {"Authorization": "Bearer CANARYKEY"}, {"x-api-key": "anns"},
            {"Authorization": "Basic anns"}, {"Authorization": "anns"},
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/moderations"])
    def test_nobody_comes_in_without_a_key(self, served, headers, path):
        served.target.plays("hello")
        response = served.post(path, content=b"{", headers=headers)
        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (401, "invalid_api_key")
        assert "CANARYKEY" not in response.text

    def test_some_addresses_are_open_and_the_numbers_are_not(self, served):
        for path, status in (
            ("/health", 200),
            ("/ready", 200),
            ("/metrics", 401),
            ("/v1/models", 401),
        ):
            assert httpx.get(served.url + path).status_code == status
        assert httpx.get(
            f"{served.url}/metrics", headers={"Authorization": "Bearer anns"}
        ).is_success

    def test_a_key_opens_and_has_its_rate(self, served):
        served.target.plays("hello")
        assert [self.chat(served, "anns").status_code for _ in range(4)] == [200] * 4
        found = [self.chat(served, "bobs") for _ in range(3)]
        assert [one.status_code for one in found] == [200, 200, 429]
        assert found[2].json()["error"]["code"] == "rate_limit_exceeded"
        assert 1 <= int(found[2].headers["retry-after"]) <= 30

    def test_a_key_may_have_a_context_of_its_own(self, served):
        served.target.plays("nice")
        image = {"type": "image_url", "image_url": {"url": "https://a.test/a.png"}}
        asked = [{"role": "user", "content": [{"type": "text", "text": "look"}, image]}]
        passes, refuses = (self.chat(served, key, messages=asked) for key in ("anns", "eves"))
        assert passes.json()["lance"]["status"] == "safe"
        assert served.target.calls[0][-1].content[1]["image_url"] == image["image_url"]
        assert refuses.json()["lance"]["status"] == "fell_back"
        assert "images" in refuses.json()["lance"]["reason"] and len(served.target.calls) == 1


@pytest.mark.server
class TestWithoutKeys:
    @pytest.mark.parametrize(
        "host", ["evil.test", "localhost.evil.test:80", "192.168.0.1", "[::1", "a@localhost"]
    )
    def test_another_name_for_this_machine_is_another_sites(self, unlocked, host):
        response = httpx.get(f"{unlocked.url}/v1/models", headers={"Host": host})
        assert response.status_code == 403
        assert response.json()["error"]["code"] == "loopback_only"

    def test_another_machine_is_not_answered(self, unlocked):
        from starlette.testclient import TestClient

        stranger = TestClient(unlocked.app, base_url="http://localhost", client=("10.0.0.9", 5))
        assert stranger.get("/v1/models").status_code == 403
        here = TestClient(unlocked.app, base_url="http://localhost", client=("127.0.0.1", 5))
        assert here.get("/v1/models").status_code == 200


def test_a_context_that_waits_for_a_person_is_refused():
    from lance_graph.server.app import create_app

    with pytest.raises(ValueError, match="review='always' pauses a run"):
        create_app(LanceContext(review="always"))


@pytest.mark.parametrize("fields", [{}, {"mode": "monitor"}, {"guard_input": False}])
async def test_a_detector_that_fails_leaves_the_server_unready(fields):
    from lance_graph.server.app import create_app

    service = create_app(LanceContext(detector=BrokenDetector(), **fields)).state.lance
    await service.warm_up()
    assert not service.ready
    with pytest.raises(ApiError) as caught:
        service.check_ready()
    assert (caught.value.status, caught.value.code) == (503, "not_ready")


async def test_the_warm_up_is_made_again_until_it_worked(monkeypatch):
    from lance_graph.server import service as module
    from lance_graph.server.app import create_app

    class ComesUpLater(WordDetector):
        asked = 0

        def score(self, pairs):
            self.asked += 1
            if self.asked < 3:
                raise RuntimeError("not yet")
            return super().score(pairs)

    monkeypatch.setattr(module, "FIRST_PAUSE", 0.001)
    service = create_app(LanceContext(detector=ComesUpLater({}), retries=0)).state.lance
    await asyncio.wait_for(service.keep_warming(), 60)
    assert service.ready
