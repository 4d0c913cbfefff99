"""uvicorn as the server: the reference. Deadlines, limits, draining and the stop are as docs/operating.md says."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import uvicorn

from ..settings.reading import ServerSettings, SettingRefused
from .gate import Gate
from .protocol import ConnectionLimits, protocol_with

__all__ = ["listen", "serve_uvicorn", "want_files"]

_STOPS: Final = (signal.SIGTERM, signal.SIGINT)
_OTHER_FILES: Final = 100  # that a process opens beside its connections


def listen(settings: ServerSettings) -> socket.socket:
    """The socket that the workers share.

    Raises:
        SettingRefused: there is no such host.
        OSError: the address or the port cannot be had.
    """
    host, port = settings["server.host"], settings["server.port"]
    family, kind, address = _looked_up(settings)
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(settings["server.backlog"])
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        hint = " (`--port`, or 0 for any)" if error.errno == errno.EADDRINUSE else ""
        raise OSError(error.errno, f"{error.strerror}{hint}", f"{host}:{port}") from error
    return listener


def _looked_up(settings: ServerSettings) -> tuple[socket.AddressFamily, socket.SocketKind, Any]:
    host, port = settings["server.host"], settings["server.port"]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:  # an error of names that cannot be, `a..b`
        reason = (error.strerror if isinstance(error, OSError) else None) or "no name of a host"
        raise SettingRefused(settings.place("server.host"), f"`{host}`: {reason.lower()}") from error
    family, kind, _, _, address = found[0]
    return family, kind, address


def want_files(settings: ServerSettings) -> bool:
    """Let this process open as many files as its connections need; whether it may."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return True
    needed = 2 * settings["server.max_connections"] + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY in (soft, hard) or soft >= needed:
        return True
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard), hard))
    return bool(hard >= needed)


def serve_uvicorn(
    settings: ServerSettings, gate: Gate, listener: socket.socket, alive: int | None = None
) -> int:
    """Serve until SIGTERM or SIGINT, drain, and return the exit code.

    Args:
        alive: A pipe that closes when the parent process is gone, which stops this one too.
    """
    server = _Server(_config(settings, gate), gate, settings["server.drain_s"], alive)
    server.run(sockets=[listener])
    return 0 if server.started else 1


def _config(settings: ServerSettings, gate: Gate) -> uvicorn.Config:
    limits = ConnectionLimits(
        head_timeout_s=settings["server.head_timeout_s"],
        send_timeout_s=settings["server.send_timeout_s"],
        max_head_bytes=settings["server.max_head_bytes"],
        max_connections=settings["server.max_connections"],
    )
    proxies: Sequence[str] = settings["server.trusted_proxies"]
    return uvicorn.Config(
        gate,
        http=protocol_with(limits),
        ws="none",
        interface="asgi3",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        backlog=settings["server.backlog"],
        timeout_keep_alive=settings["server.keep_alive_s"],
        timeout_graceful_shutdown=settings["server.shutdown_s"],
    )


class _Server(uvicorn.Server):
    """uvicorn's, with a stop that drains first and ends with an exit code, not with the signal."""

    def __init__(self, config: uvicorn.Config, gate: Gate, drain_s: float, alive: int | None) -> None:
        super().__init__(config)
        self._gate, self._drain_s, self._alive = gate, drain_s, alive

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop on SIGTERM and SIGINT, and when the parent is gone."""
        loop = asyncio.get_running_loop()
        remove = [_on(loop, each, self.stop) for each in _STOPS]
        if self._alive is not None:
            loop.add_reader(self._alive, self._orphaned)
        try:
            yield
        finally:
            for each in remove:
                each()

    def stop(self) -> None:
        """Drain, then stop; asked a second time, stop now."""
        if self._gate.is_draining:
            self.should_exit = True
            return
        self._gate.is_draining = True
        asyncio.get_running_loop().call_later(self._drain_s, self._stop_now)

    def _stop_now(self) -> None:
        self.should_exit = True

    def _orphaned(self) -> None:
        assert self._alive is not None  # noqa: S101 - it was read
        asyncio.get_running_loop().remove_reader(self._alive)
        self.stop()


def _on(loop: asyncio.AbstractEventLoop, number: int, do: Callable[[], None]) -> Callable[[], object]:
    """Call `do` on a signal; returned is what ends that. A signal that is ignored stays so."""
    if signal.getsignal(number) is signal.SIG_IGN:
        return lambda: None
    try:
        loop.add_signal_handler(number, do)
    except (NotImplementedError, RuntimeError):  # Windows
        former = signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(do))
        return lambda: signal.signal(number, former)
    return lambda: loop.remove_signal_handler(number)
