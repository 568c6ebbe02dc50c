"""The frozen values of the model as GraphQL enums; import them from here wherever a type shows them."""

import strawberry

from graph.vocabulary import (
    ApprovalState,
    ChangeKind,
    DecisionKind,
    DeliveryState,
    IdentifierState,
    IdentityChange,
    IndicatorFunction,
    Outcome,
    RecordKind,
    ReviewKind,
    Role,
    Verdict,
)

__all__ = (
    "ApprovalState",
    "ChangeKind",
    "DecisionKind",
    "DeliveryState",
    "IdentifierState",
    "IdentityChange",
    "IndicatorFunction",
    "Outcome",
    "RecordKind",
    "ReviewKind",
    "Role",
    "Verdict",
)

strawberry.enum(DeliveryState, description="What became of something that an action has to tell.")
strawberry.enum(ChangeKind, description="What an item of the change feed is about.")
strawberry.enum(RecordKind, description="What a record or profile speaks of.")
strawberry.enum(Outcome, description="How sure an answer is.")
strawberry.enum(IdentifierState, description="Whether an identifier links its holders.")
strawberry.enum(Role, description="What an API key may do.")
strawberry.enum(Verdict, description="A steward's word on a pair of records.")
strawberry.enum(ApprovalState, description="What became of a decision that a second person has to approve.")
strawberry.enum(ReviewKind, description="Why a pair of records is a question for a steward.")
strawberry.enum(DecisionKind, description="What a steward decided; detaching a record is a split.")
strawberry.enum(IndicatorFunction, description="What an indicator makes of touchpoints.")
strawberry.enum(IdentityChange, description="What happened to a profile.")
