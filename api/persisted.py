"""Documents that clients name by their hash: known beforehand from a file, or remembered since one was sent in full."""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import orjson

from api.errors import DocumentError, PersistedError
from api.settings import ApiSettings
from graph.errors import ConfigurationError

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


class PersistedDocuments:
    """Finds the text of a request: the one it has, or the one it names.

    A name is the SHA-256 of the text in hex, in `documentId` or as Apollo's clients send it
    (`extensions.persistedQuery.sha256Hash`), or an id of the file. With `only_persisted` nothing but the file counts.
    """

    def __init__(self, settings: ApiSettings) -> None:
        self._trusted = read_documents(settings.documents_file) if settings.documents_file else {}
        self._only = settings.only_persisted
        self._seen: OrderedDict[str, str] = OrderedDict()
        self._most = settings.cached_documents
        if self._only and not self._trusted:
            raise ConfigurationError(
                "ONEFOLD_API_ONLY_PERSISTED needs documents in ONEFOLD_API_DOCUMENTS_FILE."
            )

    def text(self, query: str, name: str | None) -> str:
        """The document of a request; raises DocumentError, or PersistedError for a name that is not known."""
        if query:
            return self._given(query, name)
        known = self._trusted.get(name or "") or self._seen.get(name or "")
        if known is None:
            raise PersistedError("PersistedQueryNotFound")
        return known

    def _given(self, text: str, name: str | None) -> str:
        digest = hashlib.sha256(text.encode()).hexdigest()
        if self._only:
            if digest not in self._trusted:
                raise DocumentError("Only documents that were agreed on are answered here.")
        elif name is not None:
            if name not in {digest, *self._trusted}:
                raise DocumentError("The hash is not that of the document.")
            self._remember(digest, text)
        return text

    def _remember(self, digest: str, text: str) -> None:
        self._seen[digest] = text
        self._seen.move_to_end(digest)
        while len(self._seen) > self._most:
            self._seen.popitem(last=False)


def document_name(request: Mapping[str, Any]) -> str | None:
    """The name that the body of a request gives: the bare digest, or an id of the file."""
    extensions = request.get("extensions")
    apollo: Any = (
        cast("dict[str, Any]", extensions).get("persistedQuery") if isinstance(extensions, dict) else None
    )
    given = (
        cast("dict[str, Any]", apollo).get("sha256Hash")
        if isinstance(apollo, dict)
        else request.get("documentId")
    )
    if not isinstance(given, str):
        return None
    digest = _DIGEST.fullmatch(given)
    return digest.group(1) if digest else given


def read_documents(path: Path) -> dict[str, str]:
    """The documents of a file by id and by digest: `{"ID": "TEXT"}` as Relay writes it, or Apollo's manifest.

    Raises ConfigurationError for anything else.
    """
    try:
        said: Any = orjson.loads(path.read_bytes())
        if said.get("format") == "apollo-persisted-query-manifest":
            texts = {str(one["id"]): str(one["body"]) for one in said["operations"]}
        else:
            texts = {str(name): text for name, text in said.items()}
        digests = {hashlib.sha256(text.encode()).hexdigest(): text for text in texts.values()}
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{path.name} is no file of persisted documents ({type(error).__name__})."
        ) from None
    return texts | digests
