"""The text fields of GraphQL answers that name nobody: codes, names of sources and segments, rules."""

from collections.abc import Mapping
from types import MappingProxyType

_NAMES: dict[str, str] = {
    "Alternative": "source",
    "Attributes": "gender birthPlace occupation city postcode region country",
    "Block": "rule",
    "Candidate": "evidence",
    "Change": "position change cause segment",
    "ChangePage": "next",
    "ClusterHealth": "sentence figures",
    "Conflict": "reason",
    "Consent": "identifierKind source",
    "Decision": "author",
    "DecisionEdge": "cursor",
    "DecisionResult": "token",
    "Evidence": "comparison level",
    "ExplainedRecord": "source",
    "GoldenValue": "attribute source rule",
    "Identifier": "kind reason",
    "IngestedSource": "source",
    "Judgement": "author",
    "JudgementEdge": "cursor",
    "LookupAnswer": "reason",
    "MatchEdge": "model",
    "PageInfo": "startCursor endCursor",
    "PairExplanation": "model",
    "Problem": "name code message",
    "ProfileEdge": "cursor",
    "PurposeConsent": "purpose",
    "QuarantineCount": "source code",
    "QuarantinedRow": "source form file code reason",
    "QuarantinedRowEdge": "cursor",
    "Query": "version",
    "ReadIdentifier": "kind identifierClass",
    "Reason": "comparison level",
    "RecordPreview": "code reason",
    "ReplayedRow": "code reason",
    "Segment": "name description rule",
    "SegmentMembership": "segment cause",
    "SegmentMove": "segment",
    "Session": "campaign channels firstType lastType",
    "SessionEdge": "cursor",
    "SharedBlock": "rule name",
    "SharedIdentifier": "kind whyNot",
    "Source": "name owner lawfulBasis mapping",
    "SourceField": "column mappedTo",
    "SourceRecord": "source",
    "StateChange": "reason",
    "Tie": "sentence",
    "TieLink": "kind",
    "Touchpoint": "source type channel campaign",
    "TouchpointEdge": "cursor",
    "ValueChange": "attribute",
}

OPEN_TEXTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {kind: frozenset(names.split()) for kind, names in _NAMES.items()}
)
"""Type → its open text fields. A text field that is neither here nor of a sensitive scalar stops the start."""
