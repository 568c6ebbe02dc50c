"""Turns what was answered into pages: Jinja2 that escapes everything, with the filters that templates use."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.steward.asking import viewer_of
from api.steward.effects import effect, person_name
from api.waterfalls import Line, Step, Waterfall

HIDDEN = "[hidden]"
"""Stands where the steward's role may not see the value."""

_ALMOST = 0.99999
_TEMPLATES = Path(__file__).parent / "templates"


def shown(value: Any) -> Any:
    """A value as a page shows it: nothing for null, a word for what is masked."""
    if value is None:
        return ""
    return HIDDEN if is_hidden(value) else value


def is_hidden(value: Any) -> bool:
    """Whether a value of the API was withheld."""
    return isinstance(value, Mapping) and "redacted" in value


def instant(text: str | None) -> Markup | str:
    """An instant of the API as a time element, to the minute, UTC; midnight sharp is a day that somebody stated."""
    if text is None:
        return ""
    at = datetime.fromisoformat(text)
    told = f"{at:%d %b %Y}" if at.time() == time.min else f"{at:%d %b %Y, %H:%M}"
    return Markup('<time datetime="{}" title="{:%Y-%m-%d %H:%M:%S} UTC">{}</time>').format(text, at, told)


def words(name: str) -> str:
    """A name of the API in words: `given_name` and `givenName` are given name, `NO_MATCH` is no match."""
    spaced = "".join(f" {one.lower()}" if one.isupper() and not name.isupper() else one for one in name)
    return spaced.replace("_", " ").strip().lower()


def percent(share: float | None) -> str:
    """A share or probability as per cent, with more digits near the ends, where they matter."""
    if share is None:
        return ""
    if _ALMOST < share < 1:
        return f"over {_ALMOST:.3%}"
    digits = 0 if 0.1 <= share <= 0.9 else 1 if 0.001 <= share <= 0.999 else 3
    return f"{share:.{digits}%}"


def bits(weight: float | None) -> str:
    """A match weight (log2 odds) with its sign."""
    return "" if weight is None else f"{weight:+.1f}" if weight else "0"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: `1 record`, `2,000 records`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def lasting(seconds: float) -> str:
    """A duration in the largest unit that it has two of: `19 s`, `12 min`, `709 days`."""
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:,.0f} s"


def short(key: str) -> Markup:
    """A long id or key, shortened in the middle, with the whole of it to hover and copy."""
    return Markup('<code title="{}">{}</code>').format(key, _shortened(key))


def _shortened(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:12]}…{text[-8:]}"


def rate(share: float | None) -> str:
    """An m or u probability: three digits that say something, however small."""
    return "" if share is None else f"{share:.3g}"


def figure(number: float) -> str:
    """A number with separators, and no more than two decimals."""
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def written(value: Any) -> str:
    """Data as JSON text, cut when it is long."""
    text = orjson.dumps(value).decode()
    return text if len(text) <= 200 else f"{text[:199]}…"


def just_after(text: str) -> str:
    """The instant after one of the API, so that an interval up to it holds that one too."""
    return (datetime.fromisoformat(text) + timedelta(microseconds=1)).isoformat()


def quoted(text: str) -> str:
    """A key or id as one part of an address, whatever characters it has."""
    return quote(str(text), safe="")


def record_id(key: str) -> str:
    """The record id in the key of a source record."""
    return key.partition(":")[2]


def record(key: str) -> Markup:
    """A record by its source and its id there."""
    source, _, told = key.partition(":")
    return Markup('<span class="record" title="{}"><span class="chip">{}</span> <bdi>{}</bdi></span>').format(
        key, source, _shortened(told)
    )


def waterfall(pair: Mapping[str, Any]) -> Markup:
    """The picture of how a pair (fragment Explained) comes to its weight."""
    steps = [Step("any two records", pair["priorWeight"], pair["priorWeight"])]
    steps += [
        Step(f"{words(one['comparison'])}: {one['level']}", one["weight"], one["total"])
        for one in pair["reasons"]
    ]
    lines = [Line("possible", pair["possibleWeight"]), Line("match", pair["matchWeight"])]
    return Markup(Waterfall(steps, lines).svg)  # noqa: S704 - it escapes what it draws


_FILTERS = (
    *(instant, words, percent, bits, rate, figure, written, lasting, just_after, counted, short, shown),
    *(quoted, record, record_id, waterfall, effect, person_name),
)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {one.__name__: one for one in _FILTERS}
    environment.filters.update(filters)
    environment.tests["hidden"] = is_hidden
    return environment


_PAGES = _environment()


def is_part(request: Request) -> bool:
    """Whether a page asks for a part of itself (htmx), rather than a browser for a page."""
    return request.headers.get("hx-request") == "true"


_NEWS = frozenset({"done", "asked"})
"""What an address says of an act that led to it: the decision that was carried out, or the approval that now waits."""


def _here(request: Request) -> str:
    """The address of a page, to come back to: with its query, but without what was just done."""
    query = urlencode([one for one in request.query_params.multi_items() if one[0] not in _NEWS])
    return f"{request.url.path}?{query}" if query else request.url.path


def page(request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    """A page or part: templates/TEMPLATE.html with the values, and with what every page knows."""
    session = getattr(request.state, "session", None)
    known = {
        "base": request.scope["root_path"],
        "assets": request.app.state.assets,
        "path": request.url.path,
        "here": _here(request),
        "viewer": viewer_of(request) if session else None,
        "secret": session.secret if session else "",
        "done": request.query_params.get("done"),
        "asked": request.query_params.get("asked"),
    }
    text = _PAGES.get_template(f"{template}.html").render({**known, **values})
    return HTMLResponse(text, status)
