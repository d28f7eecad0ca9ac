"""Which servers may be asked: the address of the teacher, checked and resolved once.

Source code leaves the process here, so the default is that it does not leave the machine. A host is looked up one time,
every address it has must be of the loopback interface, and the connection goes to the address that was checked: a name
that resolves to something else a second later changes nothing. Redirects and proxies are not followed at all.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from thea_hook.teacher.base import NO_DEADLINE, Deadline, TeacherError, TeacherSettings, plain

Resolver = Callable[[str, int], Sequence[str]]

CLOUD_TAGS = ("cloud", "-cloud")
"""How Ollama names models that it passes on to its maker's servers: ``glm-4.6:cloud``, ``gpt-oss:120b-cloud``."""


class Endpoint(NamedTuple):
    """A server that may be asked, at exactly these addresses."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def url(self) -> str:
        """The address as people write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def endpoint_of(
    settings: TeacherSettings, deadline: Deadline = NO_DEADLINE, resolver: Resolver | None = None
) -> Endpoint:
    """The server of these settings. Raises TeacherError where it may not be asked or is not found."""
    parts = _split(settings.address)
    host, port = _host_of(parts), _port_of(parts)
    addresses = tuple(dict.fromkeys(_resolved(host, port, deadline, resolver or _look_up)))
    is_loopback = bool(addresses) and all(map(is_loopback_address, addresses))
    if not addresses:
        raise TeacherError(f"the host {plain(host)} of teacher-url has no address", "unreachable")
    if not is_loopback and not _may_be_remote(host, settings):
        raise TeacherError(_not_allowed(host, settings), "refused")
    return Endpoint(parts.scheme, host, port, parts.path.rstrip("/"), addresses)


def check_address(settings: TeacherSettings) -> None:
    """Raise TeacherError where the URL of the settings is that of no server, or surely of one elsewhere that they do
    not allow; nothing is looked up."""
    parts = _split(settings.address)
    host = _host_of(parts)
    _port_of(parts)
    is_literal = host.replace(".", "").isdigit() or ":" in host
    if is_literal and not is_loopback_address(host) and not _may_be_remote(host, settings):
        raise TeacherError(_not_allowed(host, settings), "refused")


def is_loopback_address(address: str) -> bool:
    """Whether packets to it stay on this machine. 0.0.0.0, which some systems take for it, does not count."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return (mapped or ip).is_loopback


def refuse_cloud(model: str) -> None:
    """Raise TeacherError where the name of a model says that it runs on somebody else's machine."""
    if not model.strip() or model != model.strip() or any(not character.isprintable() for character in model):
        raise TeacherError("teacher-model must be the name of a model", "refused")
    name = model.lower()
    if name.rpartition(":")[2].endswith(CLOUD_TAGS):
        raise TeacherError(f"{plain(model)} runs on its maker's servers, not here: cloud models are refused", "refused")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        raise TeacherError("teacher-url is no URL", "refused") from exc
    if parts.scheme not in ("http", "https"):
        raise TeacherError("teacher-url must begin with http:// or https://", "refused")
    if "@" in parts.netloc:
        raise TeacherError("teacher-url must hold no name or password: put a key into THEA_TEACHER_KEY", "refused")
    if parts.query or parts.fragment or any(not character.isprintable() or character == " " for character in url):
        raise TeacherError("teacher-url must be the plain address of a server", "refused")
    return parts


def _host_of(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".").lower()
    if not host:
        raise TeacherError("teacher-url names no host", "refused")
    return host


def _port_of(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as exc:
        raise TeacherError("teacher-url has no valid port", "refused") from exc
    return port or (443 if parts.scheme == "https" else 80)


def _may_be_remote(host: str, settings: TeacherSettings) -> bool:
    return settings.allow_remote and settings.remote_host.lower().strip("[]") == host


def _not_allowed(host: str, settings: TeacherSettings) -> str:
    missing = []
    if not settings.allow_remote:
        missing.append("--teacher-remote")
    if settings.remote_host.lower().strip("[]") != host:
        missing.append(f"THEA_TEACHER_REMOTE={plain(host)}")
    switches = " and ".join(missing)
    return f"{plain(host)} is not this machine: code is sent there only with {switches}"


def _look_up(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _resolved(host: str, port: int, deadline: Deadline, resolver: Resolver) -> Sequence[str]:
    """The addresses of a host. The system's resolver knows no time limit, so it works in a thread of its own."""
    from threading import Thread

    found: list[str] = []
    failure: list[OSError] = []

    def look_up() -> None:
        try:
            found.extend(resolver(host, port))
        except OSError as exc:
            failure.append(exc)
        except UnicodeError:  # a label that no host can have
            failure.append(OSError("not a host name"))

    thread = Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(min(deadline.check(), 10.0))
    if thread.is_alive() or failure:
        raise TeacherError(f"the host {plain(host)} of teacher-url cannot be found", "unreachable")
    return found
