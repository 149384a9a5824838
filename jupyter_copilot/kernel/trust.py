"""Which certificate a kernel accepts from its server."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from ..protocol.errors import ConnectionLost
from .environment import CERTIFICATE_VARIABLE, ServerAddress

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def trust(address: ServerAddress) -> ssl.SSLContext | None:
    """How the server's certificate is checked; None where it shows none.

    Certificates are for public names, and kernels do not come by these. So on loopback none is checked, and elsewhere
    exactly the one is accepted that the server says it shows, whoever signed it. Where that cannot be read, as on
    another machine, the usual rules hold. Raises `ConnectionLost` when it is damaged.
    """
    parts = urlsplit(address.url)
    if parts.scheme != "https":
        return None
    context = ssl.create_default_context()
    shown = _first(address.certificate)
    if parts.hostname in _LOOPBACK:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif shown is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        try:
            context.load_verify_locations(cadata=shown)
        except (ssl.SSLError, TypeError) as error:  # the latter for what is not ASCII
            raise _untrusted(address, f"{address.certificate} holds a damaged one") from error
    return context


def distrusted(address: ServerAddress, error: ssl.SSLCertVerificationError) -> ConnectionLost:
    """What to say and do about a certificate that is not accepted."""
    return _untrusted(address, error.verify_message)


def _untrusted(address: ServerAddress, why: str) -> ConnectionLost:
    return ConnectionLost(
        f"This kernel does not trust the certificate of {address.url}: {why}.",
        hint=f"Set {CERTIFICATE_VARIABLE} in its environment to a file with that certificate (PEM), then restart it.",
        code="no_server",
    )


def _first(certificate: str | None) -> str | None:
    """The first certificate of a file: the server's own; those that follow signed it."""
    try:
        found = _CERTIFICATE.search(Path(certificate).read_text()) if certificate else None
    except (OSError, UnicodeDecodeError):
        return None
    return found.group() if found else None
