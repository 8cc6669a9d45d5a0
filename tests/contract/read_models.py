"""What each read model makes of one history with every event: its documents, as once released.

`python -m tests.contract.read_models` writes those of views that have none yet.
"""

from __future__ import annotations

from pathlib import Path

from bson import json_util
from bson.binary import UuidRepresentation

from contracts.envelope import Recorded, Topic
from contracts.generate.catalogue import published
from contracts.generate.samples import sample_of
from kernel.project.port import Body, Document, Projection
from services.reporting.app import SERVICE
from tests.unit.reporting.story import agreed_and_lost, document

FOLDER = Path(__file__).with_name("documents")
OPTIONS = json_util.JSONOptions(
    json_mode=json_util.JSONMode.RELAXED,
    uuid_representation=UuidRepresentation.STANDARD,
    tz_aware=True,
)


def history() -> list[Recorded]:
    """A case in which everything happens that a case can tell of, sensible or not."""
    story = agreed_and_lost()
    told = {type(one.event) for one in story.told}
    for entry in published():
        if entry.event.topic == Topic.CASE and entry.event not in told:
            event = entry.event.model_validate_json(sample_of(entry))
            story.tell(entry.services[0], event)
    return story.told


def folded(projection: Projection) -> Document:
    """The document of that case."""
    return document(projection, history())


def path_of(view: str) -> Path:
    """Where the document of a view is kept."""
    return FOLDER / f"{view}.json"


def text_of(body: Body) -> str:
    """A body as it is kept."""
    return json_util.dumps(body, json_options=OPTIONS, sort_keys=True, indent=1) + "\n"


def kept(view: str) -> Body:
    """The document of a view, as its release left it."""
    body: Body = json_util.loads(path_of(view).read_text(), json_options=OPTIONS)
    return body


def main() -> None:
    """Write what is missing; what is there is what a release has left in databases."""
    for projection in SERVICE.projections:
        path = path_of(projection.view)
        if not path.exists():
            path.write_text(text_of(folded(projection).body))


if __name__ == "__main__":
    main()
