"""Answers GraphQL requests: reads the body, executes the document, tells errors by code."""

from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from inspect import isawaitable
from typing import Any, cast

import orjson
import structlog
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    execute,
    get_operation_ast,
    subscribe,
)
from strawberry.execution.is_awaitable import optimized_is_awaitable

from api.context import Context
from api.deadlines import deadline
from api.documents import Documents, ReadDocument
from api.errors import BodyError, ComplexityError, DocumentError, PublicError, public_error
from api.persisted import PersistedDocuments, document_name
from api.settings import ApiSettings
from graph.errors import GraphUnavailableError, OnefoldError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One operation with its variables; `query` is empty where the document is only named."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None
    document_name: str | None = None


def read_json(body: bytes) -> Any:
    """The JSON value of a body; raises BodyError for damaged text, NaN, huge numbers, half surrogates, deep nesting."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BodyError("The body is not valid JSON.") from None


def read_request(body: bytes) -> GraphQLRequest:
    """The GraphQL request of a body; raises BodyError."""
    return request_of(read_json(body))


def request_of(document: Any) -> GraphQLRequest:
    """The GraphQL request of a JSON value; raises BodyError."""
    if not isinstance(document, dict):
        raise BodyError('The body must be one JSON object: {"query": …, "variables": …}.')
    query, variables, name = (document.get(key) for key in ("query", "variables", "operationName"))
    document_id = document_name(cast("dict[str, Any]", document))
    if query is None and document_id is not None:
        query = ""
    elif not isinstance(query, str) or not query.strip():
        raise BodyError("`query` must be a GraphQL document, or `documentId` the name of one.")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise BodyError("`variables` must be an object and `operationName` a string.")
    return GraphQLRequest(query, variables or {}, name, document_id)


class Executor:
    """Executes requests against one schema."""

    def __init__(self, schema: GraphQLSchema, settings: ApiSettings) -> None:
        self._schema = schema
        self._settings = settings
        self._documents = Documents(schema, settings)
        self._persisted = PersistedDocuments(settings)

    async def answer(self, request: GraphQLRequest, context: Context) -> tuple[HTTPStatus, dict[str, Any]]:
        """Status and body of the answer; raises the OnefoldError of a request that cannot be executed at all."""
        read = self._read(request)
        seconds = self._settings.analysis_seconds if read.is_heavy else self._settings.read_seconds
        return HTTPStatus.OK, await self._execute(read, request, context, seconds)

    async def answer_text(self, text: str, variables: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """Body of the answer to a document of our own, which need not be among the persisted; raises as `answer`.

        Whoever looks at a page rather waits than reads that it took too long: it has the longer deadline.
        """
        read, request = self._documents.read(text, variables), GraphQLRequest(text, variables, None)
        return await self._execute(read, request, context, self._settings.analysis_seconds)

    async def _execute(
        self, read: ReadDocument, request: GraphQLRequest, context: Context, seconds: float
    ) -> dict[str, Any]:
        async with deadline(None if read.writes else seconds):
            result = self._start(read.document, request, context)
            if not isinstance(result, ExecutionResult):
                result = await result
        errors = result.errors or []
        for error in errors:
            if isinstance(
                error.original_error, GraphUnavailableError
            ):  # the client is to ask again as a whole
                raise error.original_error
        if result.data is None and any(error.path is None for error in errors):
            raise DocumentError("A variable does not fit its declared type, or the operation does not exist.")
        return _body(result)

    async def stream(self, request: GraphQLRequest, context: Context) -> AsyncGenerator[dict[str, Any]]:
        """The bodies of an operation's answers: of a subscription one for each event, of anything else the one.

        Raises the OnefoldError of a request that cannot be executed, or of a subscription that cannot go on.
        """
        document = self._read(request).document
        if not _subscribes(document, request.operation_name):
            yield (await self.answer(request, context))[1]
            return
        source = subscribe(
            self._schema,
            document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
            hide_suggestions=True,
        )
        events = await source if isawaitable(source) else source
        if isinstance(events, ExecutionResult):
            raise _refused(events)
        async with aclosing(cast("AsyncGenerator[ExecutionResult]", events)) as results:
            async for result in results:
                yield _body(result)

    def _read(self, request: GraphQLRequest) -> ReadDocument:
        return self._documents.read(
            self._persisted.text(request.query, request.document_name), request.variables
        )

    def _start(
        self, document: DocumentNode, request: GraphQLRequest, context: Context
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        if _subscribes(document, request.operation_name):
            raise DocumentError("A subscription is answered over a WebSocket (graphql-transport-ws).")
        try:
            return execute(
                self._schema,
                document,
                context_value=context,
                variable_values=dict(request.variables),
                operation_name=request.operation_name,
                is_awaitable=cast("Any", optimized_is_awaitable),
                hide_suggestions=True,
            )
        except RecursionError:
            raise ComplexityError("The variables are nested too deeply.") from None


def _subscribes(document: DocumentNode, name: str | None) -> bool:
    operation = get_operation_ast(document, name)
    return operation is not None and operation.operation is OperationType.SUBSCRIPTION


def _refused(result: ExecutionResult) -> OnefoldError:
    """Why a subscription did not begin."""
    for error in result.errors or ():
        if isinstance(error.original_error, OnefoldError):
            return error.original_error
    return DocumentError("A variable does not fit its declared type, or the subscription does not exist.")


def _body(result: ExecutionResult) -> dict[str, Any]:
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [_told(error) for error in result.errors]
    return answer


def _told(error: GraphQLError) -> dict[str, Any]:
    cause = error.original_error or error
    if isinstance(cause, GraphQLError):  # of the engine, which found that an input does not fit its type
        cause = DocumentError("A value does not fit the type that the schema declares.")
    public = public_error(cause)
    if public.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error(
            "graphql_failed", code=public.code, error=type(cause).__name__, path=error.path and error.path[:1]
        )
    return {"path": error.path, **graphql_error(public)}


def graphql_error(error: PublicError) -> dict[str, Any]:
    """An error as GraphQL answers carry it."""
    extensions: dict[str, Any] = {"code": error.code}
    if error.records:
        extensions["records"] = list(error.records)
    return {"message": error.message, "extensions": extensions}
