"""The command line `rjhub`; each command is a function of its own module.

A command imports what it alone is made of, so that none waits for the others'.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from rjhub.backup import command as backup
from rjhub.child import HubError
from rjhub.folder import FOLDER
from rjhub.options import MIN_FREE_MB, Against, CaFile, Dir, Key, PasswordFile, User

if TYPE_CHECKING:
    from rich.console import Console

    from rjhub.reach import Asking

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Runs the Restorative Justice Hub on one machine, and operates it anywhere.",
)

parked_app = typer.Typer(help="What waits because it could not be folded.")
app.add_typer(parked_app, name="parked")
case_app = typer.Typer(no_args_is_help=True, help="One case.")
app.add_typer(case_app, name="case")
events_app = typer.Typer(no_args_is_help=True, help="The public log.")
app.add_typer(events_app, name="events")


def say(line: str) -> None:
    """Print a line at once; a reader that went away must not stop the hub."""
    with suppress(OSError):
        print(f"{line}\n", end="", flush=True)  # noqa: T201  in one piece: keepers say at once


def say_aside(line: str) -> None:
    """Print a line where no program reads what it asked for."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def console() -> Console:
    """Where tables go; wide enough for them where nobody looks on."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120, highlight=False)


def the_hub(folder: Path, against: str | None, key: Path | None) -> Asking:
    """Asks the hub that a command's options name."""
    from rjhub.reach import asking, reach

    return asking(reach(folder, against, key))


@case_app.callback()
def _more_than_one_way_to_look() -> None:
    """One case."""


@app.callback()
def _more_than_one_command() -> None:
    """Runs the Restorative Justice Hub on one machine, and operates it anywhere."""


@app.command()
def up(
    folder: Dir = FOLDER,
    port: Annotated[
        int | None, typer.Option(min=1024, max=65000, help="First of six ports; else free ones.")
    ] = None,
    min_free_mb: Annotated[
        int, typer.Option(min=0, help="Refuse to start with less free disk than this.")
    ] = MIN_FREE_MB,
) -> None:
    """Start engines and services here and keep them running; Ctrl-C ends everything.

    It ends with 0 when told to, else with 4: an engine cannot run here, 5: a topic has other
    partitions, 6: a port is in use, 7: a hub already runs in the folder, 8: the folder is of a
    newer release, 9: too little free disk, 10: an engine or service did not start, 11: the folder
    cannot be written, 13: a file in the folder is damaged.
    """
    from rjhub import supervisor

    supervisor.run(folder, say, first_port=port, min_free_mb=min_free_mb)


@app.command()
def demo(
    folder: Dir = FOLDER,
    against: Annotated[
        str | None,
        typer.Option(
            help="Address of a gateway, with each service under /referral, /consent, /facilitation "
            "and /reporting; its hub needs the development clock and tokens."
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(help="With --against: the key to sign tokens with, if none is handed out."),
    ] = None,
) -> None:
    """Play a published quarter of casework, and compare reporting's figures with it.

    It plays on the hub that runs in the folder, or else starts one and ends it again. It ends with
    0, or with 1 if a figure is not as planned.
    """
    from rjhub.demo import command as play_demo

    play_demo.run(folder, console(), against=against, key=key)


app.command()(backup.backup)
app.command()(backup.restore)


@app.command("env-example")
def write_env_example(
    check: Annotated[
        bool, typer.Option(help="Only say whether .env.example is up to date.")
    ] = False,
) -> None:
    """Write .env.example from the settings of the services."""
    from rjhub import env_example

    env_example.write(Path(".env.example"), check=check)


@app.command("status")
def show_status(
    folder: Dir = FOLDER,
    against: Against = None,
    key: Key = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Show services and replicas, how far each is behind, what waits and what is parked.

    It ends with 1 if something is not well, and says what.
    """
    from rjhub import status
    from rjhub.reach import reach

    status.run(reach(folder, against, key), console(), as_json=as_json)


@case_app.command("show")
def show_case(
    case_id: Annotated[UUID, typer.Argument(metavar="CASE")],
    folder: Dir = FOLDER,
    against: Against = None,
    key: Key = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Show how a case stands, who agreed to what, what happened and what is parked."""
    from rjhub import case

    with the_hub(folder, against, key) as hub:
        case.show(hub, console(), case_id, as_json=as_json)


def given(context: typer.Context, name: str) -> bool:
    """Whether this option was named, and does not merely have its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


@parked_app.callback(invoke_without_command=True)
def list_parked(
    context: typer.Context,
    folder: Dir = FOLDER,
    against: Against = None,
    key: Key = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    records: Annotated[bool, typer.Option(help="With --json: the records as they came.")] = False,
) -> None:
    """List the events that wait because they could not be folded."""
    from rjhub import parked

    if context.invoked_subcommand is None:
        with the_hub(folder, against, key) as hub:
            parked.show(hub, console(), as_json=as_json, records=records)
    elif any(given(context, name) for name in context.params):
        raise typer.BadParameter(f"name options behind {context.invoked_subcommand}")


@parked_app.command("drive")
def drive_parked(folder: Dir = FOLDER, against: Against = None, key: Key = None) -> None:
    """Try everything that waits again, in every service."""
    from rjhub import parked

    with the_hub(folder, against, key) as hub:
        parked.drive(hub, say)


@parked_app.command("drop")
def drop_parked(
    service: str,
    view: str,
    document: str,
    position: str,
    reason: Annotated[str, typer.Option(help="malformed, never_came or without_meaning.")],
    folder: Dir = FOLDER,
    against: Against = None,
    key: Key = None,
) -> None:
    """Give up one event in one document, as `rjhub parked` names them; the reason is kept."""
    from rjhub import parked

    what = {"view": view, "document": document, "position": position, "reason": reason}
    with the_hub(folder, against, key) as hub:
        parked.drop(hub, say, service, what)


@parked_app.command("drop-record")
def drop_parked_record(
    service: str,
    record: str,
    reason: Annotated[str, typer.Option(help="malformed or without_meaning.")],
    folder: Dir = FOLDER,
    against: Against = None,
    key: Key = None,
) -> None:
    """Give up a record that nobody can read, as `rjhub parked` names it; the reason is kept."""
    from rjhub import parked

    with the_hub(folder, against, key) as hub:
        parked.drop_record(hub, say, service, record, reason)


@app.command("rebuild")
def rebuild_read_model(
    read_model: Annotated[
        str | None, typer.Argument(help="Such as timeline; without it, all are listed.")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take what was made, whatever is different in it.")
    ] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Give up what is being made.")] = False,
    discard: Annotated[
        bool,
        typer.Option(
            "--discard",
            help="Discard the documents of what answered before, which no release that runs feeds.",
        ),
    ] = False,
    folder: Dir = FOLDER,
    against: Against = None,
    key: Key = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="As JSON: the list, or how the read model stands then.")
    ] = False,
) -> None:
    """Make a read model anew from the log, beside the one that answers, and compare the two.

    It answers as soon as every document is the same. It ends with 0 then; with 1 where documents
    are different, and says what may be done.
    """
    from rjhub import rebuild

    if accept + stop + discard > 1 or (read_model is None and accept + stop + discard):
        raise typer.BadParameter("one of --accept, --stop and --discard, of one read model")
    with the_hub(folder, against, key) as hub:
        if read_model is None:
            rebuild.show(hub, console(), as_json=as_json)
        else:
            asked = {rebuild.accept: accept, rebuild.stop: stop, rebuild.discard: discard}
            ask = next((one for one, wanted in asked.items() if wanted), rebuild.begin)
            if as_json:
                rebuild.for_programs(hub, ask, say_aside, read_model)
            else:
                ask(hub, say, read_model)


@events_app.callback()
def _more_than_one_way_to_read() -> None:
    """The public log."""


@events_app.command("tail")
def tail_events(
    case: Annotated[UUID | None, typer.Option(help="Only this case.")] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", help="Only events such as MeetingHeld; repeat it.")
    ] = None,
    from_start: Annotated[bool, typer.Option("--from-start", help="All that ever was.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, help="End after so many.")
    ] = None,
    kafka: Annotated[
        str | None, typer.Option(help="Address of a broker, instead of the hub's in --dir.")
    ] = None,
    user: User = None,
    password_file: PasswordFile = None,
    ca_file: CaFile = None,
    folder: Dir = FOLDER,
) -> None:
    """Follow the public log; a record that comes again is shown once. Ctrl-C ends it."""
    from rjhub import broker, events
    from rjhub.hubfile import read_hub_file

    wanted = events.Wanted(case, events.types_named(types or []))
    bootstrap, of = (read_hub_file(folder).kafka, folder) if kafka is None else (kafka, None)
    at = broker.named(bootstrap, user, password_file, ca_file, of)
    events.tail(at, wanted, say_aside, from_start=from_start, in_json=as_json, limit=limit)


def main() -> None:
    """Run a command; what a person has to put right is said plainly, with its exit code."""
    try:
        app()
    except HubError as wrong:
        print(wrong, file=sys.stderr)  # noqa: T201  plain words, no markup
        sys.exit(wrong.exit_code)
