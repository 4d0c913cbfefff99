"""Origins that keep whoever asks waiting, a byte at a time: no single wait is long, and together they have no end."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PAUSE_S: Final = 0.02
_MOST: Final = 1_000  # then it breaks off, so that a test of who waits for ever has an end

# What comes first, and then again and again.
DRIPS: Final = {
    "a header": (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "a chunk's extension": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a"),
    "a body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"a"),
    "redirects": (b"HTTP/1.1 302 Found\r\nLocation: /\r\nX-A: ", b"a"),
}


@contextmanager
def dripping(
    drip: tuple[bytes, bytes], *, first: bytes = b"", secured: ssl.SSLContext | None = None
) -> Generator[str]:
    """The address of an origin that answers with `drip` until the block ends.

    Args:
        first: What it answers to the first request of each connection, at once.
    """
    over = threading.Event()

    def answer(taken: socket.socket) -> None:
        with suppress(OSError), taken:
            connection = secured.wrap_socket(taken, server_side=True) if secured else taken
            with connection:
                if first:
                    connection.recv(65_536)
                    connection.sendall(first)
                connection.recv(65_536)
                connection.sendall(drip[0])
                for _ in range(_MOST):
                    if over.wait(PAUSE_S):
                        return
                    connection.sendall(drip[1])

    def take(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                taken, _ = listening.accept()
                threading.Thread(target=answer, args=(taken,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=take, args=(listening,))
        thread.start()
        try:
            yield f"{'https' if secured else 'http'}://127.0.0.1:{listening.getsockname()[1]}/shop.bundle"
        finally:
            over.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def certified(folder: Path) -> ssl.SSLContext:
    """For an origin on the loopback address, with a certificate that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    written = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "origin.pem"
    path.write_bytes(written + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
