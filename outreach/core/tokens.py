"""Random tokens, keyed hashes and encryption of secrets at rest."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from outreach.core.errors import Conflict


def new_token() -> str:
    """Return 256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Hash a random token for storage; a stolen table opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(key: str, purpose: str, text: str) -> str:
    """HMAC of a text for one purpose: equal texts match, nobody reads them back."""
    return hmac.new(derived_key(key, purpose), text.encode(), hashlib.sha256).hexdigest()


def derived_key(key: str, purpose: str) -> bytes:
    """Derive 32 bytes for one purpose from the installation's key."""
    return hashlib.sha256(f"outreach/{purpose}/{key}".encode()).digest()


class SecretBox:
    """Encrypts mailbox passwords; each is bound to its owner and opens for nobody else."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(derived_key(key, "mailbox-secrets")))

    def seal(self, secret: str, *, owner: str) -> str:
        """Encrypt a secret for an owner such as "mailbox:7"."""
        return self._fernet.encrypt(
            json.dumps({"owner": owner, "secret": secret}).encode()
        ).decode()

    def open(self, sealed: str, *, owner: str) -> str:
        """Decrypt a secret.

        Raises:
            Conflict: It was sealed with another key, for another owner, or was changed.
        """
        try:
            found: dict[str, Any] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise Conflict(
                "A stored password cannot be read with this installation's secret key. "
                "Restore the key, or type the password again in Settings."
            ) from error
        if found["owner"] != owner:
            raise Conflict("A stored password belongs to another mailbox.")
        return str(found["secret"])
