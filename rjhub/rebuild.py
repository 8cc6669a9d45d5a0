"""`rjhub rebuild`: a read model is made anew from the log beside the one that answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.table import Table

from rjhub.child import HubError
from rjhub.keeper import Say
from rjhub.reach import Asking, Json, NotThere
from rjhub.status import Rebuilt, look

Ask = Callable[[Asking, Say, str], None]

COLUMNS = ("Service", "Read model", "Answers", "Being made", "Kept")
AGAIN_SECONDS = 1.0


class NoReadModel(HubError):
    """No service has a read model of this name."""

    exit_code = 18


class Different(HubError):
    """What was made is not as what answers; a person has to say which is right."""

    exit_code = 1


class GivenUp(HubError):
    """What was followed is made no longer: somebody gave it up."""

    exit_code = 1


def show(hub: Asking, console: Console, *, as_json: bool) -> None:
    """Print every read model, and which view of it is what."""
    rows = [{"service": service, **one} for service, one in _read_models(hub)]
    if as_json:
        console.print_json(json.dumps(rows))
        return
    table = Table(*COLUMNS)
    for row in rows:
        kept = ", ".join(row["kept"])
        table.add_row(
            row["service"], row["read_model"], row["answers"] or "", row["made"] or "", kept
        )
    console.print(table)


def for_programs(hub: Asking, ask: Ask, aside: Say, read_model: str) -> None:
    """Do it with the words aside, and print how the read model stands then.

    Also where what is made stays as it is; raises as what is asked does.
    """
    service = _service_of(hub, read_model)
    try:
        ask(hub, aside, read_model)
    except (Different, GivenUp):
        _print_row(hub, service, read_model)
        raise
    _print_row(hub, service, read_model)


def _print_row(hub: Asking, service: str, read_model: str) -> None:
    print(json.dumps({"service": service, **_shown(hub, service, read_model)}))  # noqa: T201


def begin(hub: Asking, say: Say, read_model: str, again: float = AGAIN_SECONDS) -> None:
    """Have it made anew, and tell how it goes until it answers, asking `again` after so many s.

    What is being made already is followed. Raises NoReadModel, NoAnswer, GivenUp, and Different
    where it is not as what answers.
    """
    service = _service_of(hub, read_model)
    there = _shown(hub, service, read_model)
    view = there["made"] or _ask(hub, service, read_model, "begin")
    say(f"{view} is being made from the log; {there['answers'] or 'nothing'} answers meanwhile")
    said = ""
    while (seen := _shown(hub, service, read_model))["answers"] != view:
        if _given_up(view, there, seen):
            raise GivenUp(f"{view} was given up; {seen['answers'] or 'nothing'} answers")
        if (now := _progress(hub, service, view, read_model)) != said:
            say(said := now)
        time.sleep(again)
    say(f"{view} answers")


def _given_up(view: str, before: Json, seen: Json) -> bool:
    """Whether it came to be among those kept, which all replicas tell alike.

    What one makes it knows only from its last look, so that says nothing; nor does a view kept from
    the beginning, which an earlier release that is back makes again.
    """
    return view in seen["kept"] and view not in before["kept"]


def accept(hub: Asking, say: Say, read_model: str) -> None:
    """Have it answer whatever is different in it."""
    view = _ask(hub, _service_of(hub, read_model), read_model, "accept")
    say(f"{view} will answer as soon as it has got to where the other is")


def stop(hub: Asking, say: Say, read_model: str) -> None:
    """Give up what is being made."""
    view = _ask(hub, _service_of(hub, read_model), read_model, "stop")
    say(f"given up; {view} answers")


def discard(hub: Asking, say: Say, read_model: str) -> None:
    """Have no documents any more of what answered before."""
    service, body = _service_of(hub, read_model), {"read_model": read_model}
    views = hub.call(service, "POST", "/rebuilds/discard", body=body)["views"]
    say(f"gone: {', '.join(views)}" if views else "nothing is kept that answered before")


def _progress(hub: Asking, service: str, view: str, read_model: str) -> str:
    """How it goes, in words; raises Different."""
    there = look(hub, service).rebuilds.get(view, Rebuilt(view, read_model))
    if there.different_for_good:
        raise Different(there.what_to_do())
    return there.words()


def _ask(hub: Asking, service: str, read_model: str, what: str) -> str:
    body = {"read_model": read_model}
    return str(hub.call(service, "POST", f"/rebuilds/{what}", body=body)["view"])


def _shown(hub: Asking, service: str, read_model: str) -> Json:
    """Which view of it is what."""
    return next(
        one for of, one in _read_models(hub) if (of, one["read_model"]) == (service, read_model)
    )


def _service_of(hub: Asking, read_model: str) -> str:
    known = {one["read_model"]: service for service, one in _read_models(hub)}
    if read_model not in known:
        names = ", ".join(sorted(known))
        raise NoReadModel(f"There is no read model {read_model}; there are {names}.")
    return known[read_model]


def _read_models(hub: Asking) -> Iterator[tuple[str, Json]]:
    """Of every service; most have none."""
    for service in hub.hub.services:
        try:
            found = hub.ask(service, "/rebuilds")
        except NotThere:
            continue
        for one in found["items"]:
            yield service, one
