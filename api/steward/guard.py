"""Lets a request for a page pass: signed in, from our own pages, within its limits."""

from typing import Any

from fastapi import Request

from api.access import Viewer
from api.callers import Callers
from api.limits import Limits
from api.steward.forms import optional, read_form
from api.steward.session import COOKIE, PROOF_HEADER, Seal, Session, is_genuine
from graph.errors import PermissionDeniedError, UnauthenticatedError
from graph.vocabulary import Role

_READING = frozenset({"GET", "HEAD"})


async def admit(request: Request) -> None:
    """Keep who is signed in as `request.state.viewer`.

    Raises UnauthenticatedError without a session that is good, PermissionDeniedError for what another site sends.
    """
    seal: Seal = request.app.state.seal
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        raise UnauthenticatedError("Sign in.")
    session = seal.open(cookie)
    viewer = await _viewer_of(request, session)
    await _check_origin(request, session)
    limits: Limits = request.app.state.limits
    limits.count_request(viewer)
    request.state.session, request.state.viewer = session, viewer


async def _viewer_of(request: Request, session: Session) -> Viewer:
    if session.signed_in is not None:
        key_id, role = session.signed_in
        return Viewer(key_id, Role(role))
    return await holder(request, session.credential)


async def holder(request: Request, credential: str) -> Viewer:
    """Who holds a credential; raises UnauthenticatedError, PermissionDeniedError for one that cannot read."""
    callers: Callers = request.app.state.callers
    viewer = await callers.viewer(f"Bearer {credential}")
    if not viewer.may("POST /graphql"):
        raise PermissionDeniedError("This key only sends events: sign in with one that may read.")
    return viewer


async def _check_origin(request: Request, session: Session) -> None:
    """Only our own pages may change anything: they repeat the session's secret, in a header or in the form."""
    if request.method in _READING:
        return
    repeated: Any = request.headers.get(PROOF_HEADER)
    if repeated is None:
        repeated = optional(await read_form(request), "secret") or ""
    foreign = request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    if foreign or not is_genuine(session, repeated):
        raise PermissionDeniedError("This form is not from your session: open the page again.")
