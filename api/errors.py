"""What an error looks like from outside: code, HTTP status and a sentence without hosts, paths, Cypher or values."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType

from graph.errors import ContradictionError, InputError, OnefoldError


class DocumentError(InputError):
    """A GraphQL request that cannot be read or does not fit the schema."""

    code = "document_invalid"


class PersistedError(InputError):
    """A document that is named by its hash and not known; the message is the one that Apollo's clients wait for."""

    code = "document_unknown"


class ComplexityError(InputError):
    """A GraphQL document that asks for too much at once."""

    code = "document_too_complex"


class BodyError(InputError):
    """A request body that is no JSON object of the expected form."""

    code = "body_invalid"


class BodyTooLargeError(InputError):
    """A request body above the limit."""

    code = "body_too_large"


class BodyTooSlowError(InputError):
    """A request body that does not come to its end."""

    code = "body_too_slow"


class LimitError(OnefoldError):
    """A caller that asks for more than it may in a while; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too much was asked: try again in {retry_after} seconds.")
        self.retry_after = retry_after


class RateError(LimitError):
    """A caller that sends too many requests."""

    code = "rate_exceeded"


class LookupBudgetError(LimitError):
    """A caller too many of whose look-ups found nobody."""

    code = "lookup_budget_spent"


class ProviderError(OnefoldError):
    """The OIDC provider cannot be asked for its keys."""

    code = "provider_failed"


class BusyError(OnefoldError):
    """More clients are connected, or wait, than there are places."""

    code = "busy"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a code is answered; without `message` the error's own sentence is shown.

    `retry_after`: seconds after which the same request may succeed.
    """

    status: HTTPStatus
    message: str | None = None
    retry_after: int | None = None


INTERNAL = "internal_error"

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "input_unusable": Rule(HTTPStatus.BAD_REQUEST),
        "too_many_rejected": Rule(HTTPStatus.CONFLICT),
        "origin_failed": Rule(HTTPStatus.BAD_GATEWAY, "A source cannot be read."),
        "too_many_removed": Rule(HTTPStatus.CONFLICT, "Too many records are gone at their source."),
        "document_invalid": Rule(HTTPStatus.BAD_REQUEST),
        "document_unknown": Rule(HTTPStatus.OK),
        "document_too_complex": Rule(HTTPStatus.BAD_REQUEST),
        "body_invalid": Rule(HTTPStatus.BAD_REQUEST),
        "body_too_large": Rule(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        "body_too_slow": Rule(HTTPStatus.REQUEST_TIMEOUT),
        "rate_exceeded": Rule(HTTPStatus.TOO_MANY_REQUESTS),
        "lookup_budget_spent": Rule(HTTPStatus.TOO_MANY_REQUESTS),
        "unauthenticated": Rule(HTTPStatus.UNAUTHORIZED),
        "provider_failed": Rule(
            HTTPStatus.SERVICE_UNAVAILABLE, "Tokens cannot be checked at the moment: try again.", 5
        ),
        "permission_denied": Rule(HTTPStatus.FORBIDDEN),
        "decision_refused": Rule(HTTPStatus.CONFLICT),
        "judgements_contradict": Rule(HTTPStatus.CONFLICT),
        "decision_stale": Rule(HTTPStatus.CONFLICT),
        "decision_own": Rule(HTTPStatus.FORBIDDEN),
        "approval_answered": Rule(HTTPStatus.CONFLICT),
        "resolve_first": Rule(HTTPStatus.CONFLICT),
        "not_found": Rule(HTTPStatus.NOT_FOUND),
        "busy": Rule(HTTPStatus.SERVICE_UNAVAILABLE, "Too many clients listen: ask again later.", 5),
        "fell_behind": Rule(
            HTTPStatus.SERVICE_UNAVAILABLE, "More has changed than was taken: read on with `changes`."
        ),
        "method_not_allowed": Rule(
            HTTPStatus.METHOD_NOT_ALLOWED, "This address does not answer this method."
        ),
        "analysis_due": Rule(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The touchpoints are being copied for analysis: ask again in a while.",
            retry_after=10,
        ),
        "analysis_held": Rule(HTTPStatus.CONFLICT),
        "resolve_due": Rule(HTTPStatus.CONFLICT),
        "lease_held": Rule(HTTPStatus.CONFLICT, "Another process is resolving this graph: try again."),
        "archive_failed": Rule(HTTPStatus.INTERNAL_SERVER_ERROR, "The archive of inputs cannot be used."),
        "suppressions_failed": Rule(
            HTTPStatus.SERVICE_UNAVAILABLE, "The list of suppressed identifiers cannot be read."
        ),
        "configuration_invalid": Rule(
            HTTPStatus.INTERNAL_SERVER_ERROR, "The service is not configured well."
        ),
        "mapping_invalid": Rule(HTTPStatus.INTERNAL_SERVER_ERROR, "The service is not configured well."),
        "model_invalid": Rule(HTTPStatus.INTERNAL_SERVER_ERROR, "The matching model cannot be used."),
        "journal_failed": Rule(
            HTTPStatus.SERVICE_UNAVAILABLE, "Events cannot be kept at the moment: send them again.", 5
        ),
        "journal_held": Rule(HTTPStatus.SERVICE_UNAVAILABLE, "Another process takes the events."),
        "graph_failed": Rule(HTTPStatus.INTERNAL_SERVER_ERROR, "The graph could not answer."),
        "schema_mismatch": Rule(
            HTTPStatus.SERVICE_UNAVAILABLE, "The graph's schema does not fit this version."
        ),
        "embedded_failed": Rule(HTTPStatus.SERVICE_UNAVAILABLE, "The graph cannot be reached: try again.", 1),
        "download_failed": Rule(HTTPStatus.SERVICE_UNAVAILABLE, "The graph cannot be reached: try again."),
        "graph_unavailable": Rule(
            HTTPStatus.SERVICE_UNAVAILABLE, "The graph cannot be reached: try again.", 1
        ),
        "graph_timeout": Rule(HTTPStatus.GATEWAY_TIMEOUT, "The graph did not answer in time: ask for less."),
        INTERNAL: Rule(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side; it was logged."),
    }
)
"""The one table from code to answer. A code that is not in it is answered as `internal_error`."""


@dataclass(frozen=True, slots=True)
class PublicError:
    """An error as a client sees it; `records` are the keys of the records that a contradiction leads over,
    `retry_after` the seconds after which to try again."""

    code: str
    message: str
    status: HTTPStatus
    records: tuple[str, ...] = ()
    retry_after: int | None = None


def public_error(error: BaseException) -> PublicError:
    """What a client is told of any exception."""
    code = error.code if isinstance(error, OnefoldError) and error.code in RULES else INTERNAL
    rule = RULES[code]
    records = error.path if isinstance(error, ContradictionError) else ()
    retry_after = error.retry_after if isinstance(error, LimitError) else rule.retry_after
    return PublicError(code, rule.message or str(error), rule.status, records, retry_after)
