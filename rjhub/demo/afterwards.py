"""What comes after people met or exchanged: what they agree on, how they fare, the close."""

from __future__ import annotations

from datetime import timedelta

from contracts.referral_course import CloseCode
from rjhub.client import Json
from rjhub.demo.stories import Case, close, contact, fact

FIRST_LOOK = 7
LAST_LOOK = 21
"""Days after the activity on which what was agreed is looked at."""
SIX_WEEKS = 42
DUE_IN = timedelta(days=28)
MISSED_EVERY = 4


async def afterwards(case: Case, *items: str) -> None:
    """From the end of the activity, which is today, to the end of the case, six weeks later."""
    activity = case.days.today
    await contact(case, case.victim, "follow_up")
    agreed = await _agreed(case, items)
    await case.until(activity + FIRST_LOOK)
    for item in agreed[1:]:
        await case.work("/agreements/items/completion", item)
    await case.until(activity + LAST_LOOK)
    await _seen_to(case, agreed[:1])
    await contact(case, case.victim, "follow_up")
    await case.until(activity + SIX_WEEKS)
    await _follow_up(case)
    await close(case)


async def _agreed(case: Case, items: tuple[str, ...]) -> list[Json]:
    """What the offender undertakes, as it is named from then on; nothing where nothing is."""
    if case.plan.end is CloseCode.COMPLETED_NO_AGREEMENT:
        await case.work("/agreements/none", {})
        return []
    due = (case.moment(case.days.today) + DUE_IN).isoformat()
    undertaken = [
        {"type": one, "by": case.offender, "due_at": due, "proportionate": True} for one in items
    ]
    body = {"items": undertaken, "assented": case.everybody}
    reached = fact(await case.work("/agreements", body))
    return [
        {"agreement_id": reached["agreement_id"], "item_id": one["item_id"]}
        for one in reached["items"]
    ]


async def _seen_to(case: Case, last: list[Json]) -> None:
    """The last item was done, or now and then it was not; then the agreement is closed."""
    became = "miss" if case.plan.number % MISSED_EVERY == 0 else "completion"
    for item in last:
        await case.work(f"/agreements/items/{became}", item)
        await case.work("/agreements/close", {"agreement_id": item["agreement_id"]})


async def _follow_up(case: Case) -> None:
    for who in case.everybody:
        fares = {"participant_id": who, "wave": "six_weeks", "wellbeing": "better"}
        await case.work("/follow-ups", fares)
