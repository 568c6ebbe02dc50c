"""Answers for the text lines of a file: encodings, line ends, bounded length, every line counted."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from graph.errors import InputError
from loaders.rows import MAX_LINE, BadRow, RejectionCode

_RAW_KEPT = 4_000
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One decoded line without its line end; `number` counts from 1."""

    number: int
    text: str


def read_lines(chunks: Iterator[bytes], encoding: str | None = None) -> Iterator[Line | BadRow]:
    """Yield every line that is not blank.

    Without `encoding` a byte order mark or the pattern of UTF-16 decides; everything else is UTF-8, where
    a line that is not valid UTF-8 is read as Windows-1252 (the usual mix). With `encoding` a line that does
    not fit it is a BadRow. LF, CRLF and CR end a line. A line above `MAX_LINE` bytes is a BadRow, never held
    whole.
    """
    head = next(chunks, b"")
    chosen = encoding or sniff_encoding(head)
    pieces = chain([head], chunks)
    if chosen not in {"utf-8", "utf-8-sig"}:
        pieces = _transcode(pieces, chosen)
    forgiving = encoding is None and chosen == "utf-8"
    for number, line in enumerate(_split(_unified(pieces)), start=1):
        content = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if not content or content.isspace():
            continue
        yield _decode(number, content, forgiving)


def sniff_encoding(head: bytes) -> str:
    """The encoding that a file's first bytes show: a byte order mark, UTF-16's NUL pattern, else UTF-8."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    sample = head[:4096]
    half = max(len(sample) // 2, 1)
    if sample[1::2].count(0) > 0.4 * half and sample[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.4 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return "utf-8"


def _transcode(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    try:
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    except LookupError as error:
        raise InputError(
            f"The encoding {encoding!r} is not known; see [file] encoding in the mapping."
        ) from error
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def _unified(chunks: Iterator[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in chunks:
        piece = held + chunk
        held = b"\r" if piece.endswith(b"\r") else b""  # may be the first half of CRLF
        yield piece[: len(piece) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _split(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        parts = (rest + chunk).split(b"\n")
        rest = parts.pop()[: MAX_LINE + 1]
        yield from parts
    yield rest


def _decode(number: int, content: bytes, forgiving: bool) -> Line | BadRow:
    if len(content) > MAX_LINE:
        return _bad(
            number, RejectionCode.LINE_TOO_LONG, f"The line is longer than {MAX_LINE} bytes.", content
        )
    if b"\0" in content:
        return _bad(number, RejectionCode.NUL_BYTE, "The line holds a NUL byte.", content)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252" if forgiving else "utf-8")
        except UnicodeDecodeError:
            return _bad(
                number, RejectionCode.ENCODING_INVALID, "The line does not fit the encoding.", content
            )
    if "\ufffd" in text and not forgiving:
        return _bad(number, RejectionCode.ENCODING_INVALID, "The line does not fit the encoding.", content)
    return Line(number, text)


def _bad(number: int, code: RejectionCode, reason: str, content: bytes) -> BadRow:
    return BadRow(number, code, reason, content[:_RAW_KEPT].decode(errors="replace").replace("\0", "\ufffd"))
