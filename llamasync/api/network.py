"""The way to the network as the environment describes it: a proxy, and whose certificates are trusted."""

from __future__ import annotations

import os
import ssl
import urllib.request
from collections.abc import Callable

import httpx

from llamasync.api.endpoint import can_be_host, is_loopback
from llamasync.api.errors import Unreachable

# What httpx takes from the environment, in this order: the first one that is set counts.
_TRUSTED_FILE, _TRUSTED_FOLDERS = "SSL_CERT_FILE", "SSL_CERT_DIR"


def network_to(url: httpx.URL) -> Callable[[], httpx.BaseTransport]:
    """Return a maker of transports to `url`, through the proxy that the environment names for it.

    No proxy reaches this machine's own loopback, so none is asked for it. Both raise Unreachable for an environment
    that names what cannot be used.
    """
    import httpcore  # noqa: F401 (httpx imports it at the first call: in a thread, while others want to compute)

    direct = is_loopback(url.host) or urllib.request.proxy_bypass(url.host)
    proxies = {} if direct else urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    # 20 ms: made once for all connections, and only where there is something to verify.
    context = trusting() if proxy or url.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Servers close idle connections after 5 s or more. A create sent into such a close would have an unknown outcome.
    limits = httpx.Limits(max_connections=2, max_keepalive_connections=1, keepalive_expiry=4.0)

    def make() -> httpx.BaseTransport:
        try:
            if proxy and not can_be_host(host := httpx.URL(proxy).host):
                raise ValueError(f"no host can have the name {host!r}")
            return httpx.HTTPTransport(verify=context, limits=limits, proxy=proxy)
        except UNUSABLE_PROXY as unusable:
            raise unusable_proxy(unusable) from unusable

    return make


def trusting() -> ssl.SSLContext:
    """Return what verifies certificates: against those that the environment names, else against well-known ones.

    Raises Unreachable when the environment names none that can be read.
    """
    file, folders = os.environ.get(_TRUSTED_FILE, ""), os.environ.get(_TRUSTED_FOLDERS, "")
    if folders and not file and not any(map(os.path.isdir, folders.split(os.pathsep))):  # OpenSSL says nothing of it
        hint = f"let {_TRUSTED_FOLDERS} name a folder of certificates, or unset it to trust the well-known ones"
        raise Unreachable(f"{_TRUSTED_FOLDERS} is {folders!r}: there is no such folder", hint=hint)
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        if not file:
            raise
        reason = "it holds no certificate in PEM format" if isinstance(error, ssl.SSLError) else error.strerror
        hint = f"let {_TRUSTED_FILE} name a file of PEM certificates, or unset it to trust the well-known ones"
        raise Unreachable(f"{_TRUSTED_FILE} is {file!r}: {reason}", hint=hint) from error


# SOCKS without its library, an unknown scheme, no address at all.
UNUSABLE_PROXY = (ImportError, ValueError, httpx.InvalidURL)


def unusable_proxy(error: Exception) -> Unreachable:
    """Tell that the proxy of the environment cannot be used; httpx shows no password in `error`."""
    hint = "set HTTPS_PROXY (or ALL_PROXY) to an address such as http://proxy.example:3128, or unset it"
    return Unreachable(f"the proxy of the environment cannot be used: {error}", hint=hint)
