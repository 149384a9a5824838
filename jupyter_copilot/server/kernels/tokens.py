"""Tokens of kernels: which one belongs to which kernel, kept as hashes, in memory, while the kernel lives."""

from __future__ import annotations

import hashlib
import secrets


class KernelTokens:
    """The tokens that were given out; a kernel has one at most."""

    def __init__(self) -> None:
        self._kernels: dict[str, str] = {}

    def issue(self, kernel_id: str) -> str:
        """A new random token for a kernel; an earlier one of the same kernel is void."""
        self.revoke(kernel_id)
        token = secrets.token_urlsafe(32)
        self._kernels[_hash(token)] = kernel_id
        return token

    def kernel_of(self, token: str) -> str | None:
        """The kernel that a token belongs to, or None when it is void."""
        return self._kernels.get(_hash(token))

    def revoke(self, kernel_id: str) -> None:
        """Make a kernel's token void; harmless when it has none."""
        for digest in [digest for digest, owner in self._kernels.items() if owner == kernel_id]:
            del self._kernels[digest]

    def kernels(self) -> frozenset[str]:
        """The ids of the kernels that have a token."""
        return frozenset(self._kernels.values())

    def __contains__(self, kernel_id: str) -> bool:
        return kernel_id in self._kernels.values()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
