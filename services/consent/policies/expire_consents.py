"""A yes that nobody confirms in time is ended, and with it the quorum that it was part of.

The policy folds the ledger as its decider does: what was taken back, confirmed or changed, or lies
in a closed case, is not waited for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from contracts.consent import ConsentId
from contracts.envelope import Recorded, Topic, subject_of
from kernel.decider import State
from kernel.process.policy import Policy, Reaction, Send
from services.consent.domain.ledger.decide import LEDGER
from services.consent.domain.ledger.fold import evolve
from services.consent.domain.ledger.review_commands import ExpireConsent
from services.consent.domain.ledger.state import Ledger


class Ending(State):
    """A case, its ledger, and when each yes in it ends."""

    case: UUID | None = None
    ledger: Ledger = Ledger()
    ends: Mapping[str, datetime] = {}


def react(state: Ending, one: Recorded) -> Reaction[Ending]:
    """Wait for the end of each yes that stands after the event."""
    ledger = _kept(evolve(state.ledger, one.event))
    ends = _ends(ledger)
    fresh = {name: at for name, at in ends.items() if state.ends.get(name) != at}
    over: dict[str, datetime | None] = dict.fromkeys(state.ends.keys() - ends)
    return Reaction(
        Ending(case=one.envelope.subject, ledger=ledger, ends=ends), timers=over | fresh
    )


def on_timer(state: Ending, timer: str) -> Reaction[Ending]:
    """The end has come."""
    if state.case is None:
        raise LookupError("a timer is armed by an event of a case")
    command = ExpireConsent(consent_id=ConsentId(UUID(timer)))
    return Reaction(state, (Send(LEDGER.category, state.case, command),))


def of_consent(stream: str) -> UUID | None:
    """Only what the consent service says of a case."""
    return subject_of(stream) if stream.startswith("consent-") else None


def _kept(ledger: Ledger) -> Ledger:
    """Without the noes: only decisions ask for these, and they fold the whole stream.

    A document thus says what one of an earlier release says, and either release goes on from it.
    """
    return ledger.model_copy(update={"noes": ()})


def _ends(ledger: Ledger) -> dict[str, datetime]:
    if ledger.closed:
        return {}
    return {str(one.consent_id): one.valid_until for one in ledger.consents}


EXPIRE_CONSENTS = Policy(
    name="consent_expires",
    topics=(Topic.CASE,),
    initial=Ending(),
    react=react,
    on_timer=on_timer,
    gives={LEDGER.category: (ExpireConsent,)},
    key=of_consent,
)
