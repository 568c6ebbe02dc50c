"""Answers for the draft of a file of events: whose they are, when, what; users before their devices."""

from loaders.columns import Column, is_instant, is_number
from loaders.draft import Draft
from loaders.drafted_records import draft_attributes, draft_identifiers, draft_source
from loaders.synonyms import words_of

_USERS = ("user_id", "customer_number")
_DEVICES = ("device", "cookie")
_WHEN = ("occurred_at", "created_at", "observed_at")
_PEOPLE = ("given_name", "surname", "full_name", "birth_date")


def is_event_file(draft: Draft) -> bool:
    """Whether rows are things that happened: an instant, a type or amount, and users or devices that come again."""
    actors = _actors(draft)
    if not _instant(draft) or not any(actor.filled > 0.9 * draft.sample.rows for actor in actors):
        return False
    if draft.columns(*_PEOPLE):  # a customer file may well have dates and amounts
        return bool(draft.first("event_id", "event_type"))
    return bool(draft.first("event_type", "event_id", "record_id") or _amount(draft))


def draft_event(draft: Draft) -> None:
    """Draft the tables of a file in which every row is a touchpoint of a user or device."""
    source = draft_source(draft) if draft.first("channel") else None
    if source is None and not draft.lines["source"]:
        draft.put("source", "name", draft.source, "what these rows are called in the graph")
    if draft.columns(*_DEVICES):
        draft.put("source", "authenticated", False, "a browser or app can claim any e-mail")
    actors = _actors(draft)
    is_email = draft.meanings[actors[0].name] == "email"  # first_of keeps e-mail addresses out of keys
    if len(actors) == 1 and actors[0].filled == draft.sample.rows and not is_email:
        draft.put("record", "id", actors[0].name, "whose touchpoint it is")
    else:
        names = [actor.name for actor in actors]
        draft.put("record", "first_of", names, "the user's when logged in, else the device's")
    draft.put("record", "kind", "auto", "a device without a user is a visitor")
    if draft.columns(*_PEOPLE):
        draft_attributes(draft)
    draft_identifiers(draft, None)
    _draft_touchpoint(draft)


def _draft_touchpoint(draft: Draft) -> None:
    event_id = next(
        (c for c in draft.columns("event_id", "record_id") if c.unique and c.filled == draft.sample.rows),
        None,
    )
    if event_id:
        draft.put("touchpoint", "id", event_id.name, "always filled, never twice")
    else:
        draft.put("touchpoint", "id", "content", "no column is never twice: the row's content is its id")
    when, what, amount = _instant(draft), _type(draft), _amount(draft)
    if when:
        draft.put("touchpoint", "occurred_at", when.name, "times without a zone are UTC")
    if what:
        draft.put("touchpoint", "type", what.name, draft.share(what))
    else:
        draft.put(
            "touchpoint", "type", {"fixed": "purchase" if amount else "event"}, "no column tells the type"
        )
    channel = draft.first("channel") or (draft.first("source") if not _is_source(draft) else None)
    if channel:
        draft.put("touchpoint", "channel", channel.name, draft.share(channel))
    if campaign := draft.first("campaign"):
        draft.put("touchpoint", "campaign", campaign.name, draft.share(campaign))
    if amount:
        draft.put("touchpoint", "revenue", amount.name)
    if left := [column.name for column in draft.left() if column.filled]:
        draft.put("touchpoint", "properties", left, "kept with the touchpoint")


def _type(draft: Draft) -> Column | None:
    """The column that tells the type on every row."""
    candidates = [
        *draft.columns("event_type"),
        *(c for c in draft.left() if words_of(c.name)[-1:] == ("type",)),
    ]
    return next((c for c in candidates if c.filled == draft.sample.rows and c.distinct <= 500), None)


def _is_source(draft: Draft) -> bool:
    return draft.lines["source"][0].startswith("column")


def _instant(draft: Draft) -> Column | None:
    return next((c for c in draft.columns(*_WHEN) if c.share(is_instant) > 0.8), None)


def _amount(draft: Draft) -> Column | None:
    return next((c for c in draft.columns("revenue") if c.share(is_number) > 0.8), None)


def _actors(draft: Draft) -> list[Column]:
    """Users, then devices; an e-mail where no user id is; no column in which hardly anything comes twice."""
    columns = [*(draft.columns(*_USERS) or draft.columns("email")), *draft.columns(*_DEVICES)]
    return columns if any(column.distinct < 0.95 * column.filled for column in columns) else []
