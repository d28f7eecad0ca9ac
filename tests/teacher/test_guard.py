"""Where code may be sent: to this machine, or where the user said twice."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest
from questions import BAD_LINE, GOOD_LINE, MENDED, request, settings, solved
from servers import edits, ollama, openai, running

from thea_hook.teacher import guard
from thea_hook.teacher.base import TeacherError, TeacherSettings
from thea_hook.teacher.guard import endpoint_of, is_loopback_address, refuse_cloud
from thea_hook.teacher.teacher import Teacher

GOOD = edits((7, BAD_LINE, GOOD_LINE))


def resolving(*addresses: str) -> guard.Resolver:
    def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


def at(url: str, **more: object) -> TeacherSettings:
    return TeacherSettings(backend="ollama", url=url, **more)  # type: ignore[arg-type]


def test_the_default_is_this_machine() -> None:
    endpoint = endpoint_of(TeacherSettings(backend="ollama"))
    assert (endpoint.addresses, endpoint.port) == (("127.0.0.1",), 11434)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.1", "::1%lo"])
def test_addresses_of_this_machine(address: str) -> None:
    assert is_loopback_address(address)


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "::", "10.0.0.1", "192.168.1.5", "169.254.169.254", "8.8.8.8", "2001:db8::1", "fe80::1%eth0",
     "::ffff:10.0.0.1", "128.0.0.1", "126.255.255.255", "localhost", ""],
)  # fmt: skip
def test_addresses_of_others(address: str) -> None:
    assert not is_loopback_address(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1:11434", "//127.0.0.1", "http://", "http:///x", "http://:80",
        "http://127.0.0.1:99999", "http://127.0.0.1:port", "http://user:password@127.0.0.1", "http://127.0.0.1@evil.test",
        "http://127.0.0.1/?q=1", "http://127.0.0.1/#x", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: 1", "http://[::1",
        "gopher://127.0.0.1:70/_x", "unix:///var/run/docker.sock",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(TeacherError) as caught:
        endpoint_of(at(url), resolver=resolving("127.0.0.1"))
    assert caught.value.reason == "refused"
    assert "password@" not in str(caught.value)


@pytest.mark.parametrize(
    "addresses", [("8.8.8.8",), ("127.0.0.1", "8.8.8.8"), ("::1", "2001:db8::1"), ("169.254.169.254",), ("0.0.0.0",)]
)
def test_a_host_with_any_address_elsewhere_is_refused(addresses: tuple[str, ...]) -> None:
    with pytest.raises(TeacherError, match="not this machine") as caught:
        endpoint_of(at("http://teacher.test"), resolver=resolving(*addresses))
    assert caught.value.reason == "refused"


@pytest.mark.parametrize(
    "url", ["http://0.0.0.0:11434", "http://[::]:11434", "http://8.8.8.8", "http://[2001:db8::1]:80"]
)
def test_literal_addresses_elsewhere_are_refused(url: str) -> None:
    with pytest.raises(TeacherError, match="not this machine"):
        endpoint_of(at(url))


@pytest.mark.parametrize(
    "more,missing",
    [
        ({}, "--teacher-remote and THEA_TEACHER_REMOTE=gpu.test"),
        ({"allow_remote": True}, "with THEA_TEACHER_REMOTE=gpu.test"),
        ({"remote_host": "gpu.test"}, "with --teacher-remote"),
        ({"allow_remote": True, "remote_host": "other.test"}, "with THEA_TEACHER_REMOTE=gpu.test"),
        ({"allow_remote": True, "remote_host": "test"}, "with THEA_TEACHER_REMOTE=gpu.test"),
    ],
)
def test_one_switch_is_not_enough_for_a_host_elsewhere(more: dict[str, object], missing: str) -> None:
    with pytest.raises(TeacherError) as caught:
        endpoint_of(at("http://gpu.test", **more), resolver=resolving("10.0.0.9"))
    assert str(caught.value).endswith(missing)


@pytest.mark.parametrize(
    "host,named", [("gpu.test", "GPU.test"), ("[2001:db8::1]", "[2001:db8::1]"), ("10.0.0.9", "10.0.0.9")]
)
def test_two_switches_that_name_the_host_are_enough(host: str, named: str) -> None:
    endpoint = endpoint_of(
        at(f"https://{host}:8443/v1", allow_remote=True, remote_host=named), resolver=resolving("10.0.0.9")
    )
    assert (endpoint.addresses, endpoint.port) == (("10.0.0.9",), 8443)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that points elsewhere a moment later (DNS rebinding) changes nothing."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    monkeypatch.setattr(guard, "_look_up", resolve)
    real = socket.getaddrinfo

    def system(host: object, *more: object, **named: object) -> object:
        assert host == "127.0.0.1", f"the system was asked for {host!r}"
        return real(host, *more, **named)  # type: ignore[arg-type]

    with running(ollama(GOOD)) as server:
        port = server.server_address[1]
        asking = Teacher(settings(server)._replace(url=f"http://teacher.test:{port}"), environ={})
        monkeypatch.setattr(socket, "getaddrinfo", system)
        for _ in range(2):
            assert solved(asking, request())[0].text == MENDED
    assert asked == ["teacher.test"]
    assert {one.headers["host"] for one in server.log} == {f"teacher.test:{port}"}


def test_the_second_address_is_tried_where_nobody_listens_at_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_look_up", resolving("127.0.0.9", "127.0.0.1"))
    with running(ollama(GOOD)) as server:
        asking = Teacher(settings(server)._replace(url=f"http://localhost:{server.server_address[1]}"), environ={})
        assert solved(asking, request())[0].text == MENDED


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(lambda handler, asked: handler.reply({})) as proxy, running(ollama(GOOD)) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert solved(Teacher(settings(server), environ={}), request())[0].text == MENDED
    assert proxy.log == []


def test_a_host_that_cannot_be_found_is_an_error() -> None:
    def fail(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("no such host")

    for resolver in (fail, resolving()):
        with pytest.raises(TeacherError) as caught:
            endpoint_of(at("http://nowhere.test"), resolver=resolver)
        assert caught.value.reason == "unreachable"


# ------------------------------------------------------------------ cloud models


@pytest.mark.parametrize(
    "model", ["glm-4.6:cloud", "gpt-oss:120b-cloud", "qwen3-coder:480b-CLOUD", "me/kimi-k2:1t-cloud", "a:cloud "]
)
def test_models_elsewhere_are_refused_by_their_names(model: str) -> None:
    with pytest.raises(TeacherError) as caught:
        refuse_cloud(model)
    assert caught.value.reason == "refused"


@pytest.mark.parametrize("model", ["qwen3-coder:30b", "cloudy", "cloud/qwen3:8b", "qwen3", "hf.co/x/y-GGUF:Q4_K_M"])
def test_models_here_are_not(model: str) -> None:
    refuse_cloud(model)


@pytest.mark.parametrize("model", ["", " ", "a\nb", "\x1b[2J"])
def test_what_is_no_name_of_a_model_is_refused(model: str) -> None:
    with pytest.raises(TeacherError):
        refuse_cloud(model)


@pytest.mark.parametrize("facts", [{"remote_host": "https://ollama.com:443"}, {"remote_model": "qwen3-coder:480b"}])
def test_a_model_that_ollama_passes_on_is_refused_before_code_is_sent(facts: dict[str, str]) -> None:
    with running(ollama(GOOD, show=facts)) as server, pytest.raises(TeacherError, match="another server") as caught:
        solved(Teacher(settings(server), environ={}), request())
    assert caught.value.reason == "refused"
    assert [asked.path for asked in server.log] == ["/api/show"]


def test_cloud_models_are_refused_before_anything_is_asked() -> None:
    for kind, serve in (("ollama", ollama(GOOD)), ("openai", openai(GOOD))):
        with running(serve) as server:
            with pytest.raises(TeacherError, match="cloud models are refused"):
                solved(Teacher(settings(server, kind, model="glm-4.6:cloud"), environ={}), request())
            assert server.log == []
