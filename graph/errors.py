"""Every error Onefold raises on purpose, one tree, each with a stable code.

OnefoldError
├── ConfigurationError          configuration_invalid
│   ├── MappingError            mapping_invalid
│   └── ModelError              model_invalid
├── InputError                  input_unusable
│   └── TooManyRejectedError    too_many_rejected
├── OriginError                 origin_failed
│   └── TooManyRemovedError     too_many_removed
├── ArchiveError                archive_failed
├── SuppressionError            suppressions_failed
├── DecisionError               decision_refused
│   ├── ContradictionError      judgements_contradict
│   ├── StaleDecisionError      decision_stale
│   ├── OwnDecisionError        decision_own
│   ├── AnsweredError           approval_answered
│   └── UnresolvedError         resolve_first
├── NotFoundError               not_found
├── PermissionDeniedError       permission_denied
├── UnauthenticatedError        unauthenticated
├── FellBehindError             fell_behind
├── JournalError                journal_failed
│   └── JournalHeldError        journal_held
└── GraphError                  graph_failed
    ├── GraphUnavailableError   graph_unavailable
    ├── GraphTimeoutError       graph_timeout
    ├── SchemaError             schema_mismatch
    ├── EmbeddedError           embedded_failed
    ├── DownloadError           download_failed
    ├── ResolveDueError         resolve_due
    ├── AnalysisDueError        analysis_due
    ├── AnalysisHeldError       analysis_held
    └── LeaseError              lease_held
"""

from typing import ClassVar


class OnefoldError(Exception):
    """The root: a message that says what happened, to what, and what to do next."""

    code: ClassVar[str] = "onefold_failed"


class ConfigurationError(OnefoldError):
    """A setting, mapping or rule cannot be used as written."""

    code = "configuration_invalid"


class MappingError(ConfigurationError):
    """A mapping file does not fit the schema or the file it is used on."""

    code = "mapping_invalid"


class ModelError(ConfigurationError):
    """A matching model cannot be read, trained or published."""

    code = "model_invalid"


class InputError(OnefoldError):
    """An input as a whole cannot be read (single bad rows go to quarantine instead)."""

    code = "input_unusable"


class ArchiveError(OnefoldError):
    """The archive of inputs cannot be read or written."""

    code = "archive_failed"


class SuppressionError(OnefoldError):
    """The list of suppressed identifiers cannot be read, so that nothing may be taken in."""

    code = "suppressions_failed"


class TooManyRejectedError(InputError):
    """So much of an input cannot be used that nothing of it was applied."""

    code = "too_many_rejected"


class OriginError(OnefoldError):
    """A database, API, folder or topic that rows come from cannot be read; nothing of what was read is applied."""

    code = "origin_failed"


class TooManyRemovedError(OriginError):
    """So many records are gone at their source that none of them is removed without being asked."""

    code = "too_many_removed"


class DecisionError(OnefoldError):
    """A steward's decision that cannot be carried out."""

    code = "decision_refused"


class ContradictionError(DecisionError):
    """A judgement that contradicts others; `path` names the records on the way, one after the other."""

    code = "judgements_contradict"

    def __init__(self, message: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.path = path


class StaleDecisionError(DecisionError):
    """What a decision would do is no longer what its preview showed."""

    code = "decision_stale"


class OwnDecisionError(DecisionError):
    """A decision that its own author wants to approve."""

    code = "decision_own"


class AnsweredError(DecisionError):
    """An approval that somebody has given or declined already."""

    code = "approval_answered"


class UnresolvedError(DecisionError):
    """Records that a decision is about wait to be resolved."""

    code = "resolve_first"


class NotFoundError(OnefoldError):
    """What was asked for does not exist."""

    code = "not_found"


class FellBehindError(OnefoldError):
    """A listener to changes did not take them as quickly as they came."""

    code = "fell_behind"


class UnauthenticatedError(OnefoldError):
    """No API key, or one that is unknown, expired or revoked."""

    code = "unauthenticated"


class PermissionDeniedError(OnefoldError):
    """The API key's role does not allow this."""

    code = "permission_denied"


class JournalError(OnefoldError):
    """The journal of events cannot be read or written; nothing of what was being written is kept."""

    code = "journal_failed"


class JournalHeldError(JournalError):
    """Another process has the journal of this folder open."""

    code = "journal_held"


class GraphError(OnefoldError):
    """The graph answered with an error."""

    code = "graph_failed"


class GraphUnavailableError(GraphError):
    """The graph cannot be reached."""

    code = "graph_unavailable"


class GraphTimeoutError(GraphError):
    """The graph did not answer before the deadline."""

    code = "graph_timeout"


class SchemaError(GraphError):
    """The graph's schema version is not one this Onefold can use."""

    code = "schema_mismatch"


class EmbeddedError(GraphError):
    """The embedded Neo4j server cannot be started or found."""

    code = "embedded_failed"


class DownloadError(GraphError):
    """The embedded server's jars cannot be fetched or do not match their checksums."""

    code = "download_failed"


class ResolveDueError(GraphError):
    """The whole graph has to be resolved first: its model or settings have changed."""

    code = "resolve_due"


class AnalysisDueError(GraphError):
    """The touchpoints have to be copied before they can be analysed as a whole; that is being done."""

    code = "analysis_due"


class AnalysisHeldError(GraphError):
    """Another process has the copy for analysis of this folder open."""

    code = "analysis_held"


class LeaseError(GraphError):
    """Another process is resolving this graph."""

    code = "lease_held"
