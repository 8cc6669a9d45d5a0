"""The field's own closed vocabularies, shared by the events of several services."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType
from uuid import UUID

from contracts.fields import Part, ParticipantId

ActivityId = NewType("ActivityId", UUID)
"""A meeting, a letter or a message, whatever it is called where it is kept."""
ClearanceId = NewType("ClearanceId", UUID)


class Setting(StrEnum):
    """Where in the justice process, or outside it, a case stands."""

    POLICE_CAUTION = "police_caution"
    COMMUNITY_RESOLUTION = "community_resolution"
    CRIMINAL_INVESTIGATION = "criminal_investigation"
    POST_COURT = "post_court"
    ASB_NEIGHBOUR = "asb_neighbour"
    SCHOOL_COLLEGE = "school_college"
    FAMILY = "family"


class ParticipantRole(StrEnum):
    """What a person is in the case; `party` where a dispute has two sides."""

    VICTIM = "victim"
    OFFENDER = "offender"
    PARTY = "party"
    SUPPORTER = "supporter"
    REPRESENTATIVE = "representative"


class AgeBand(StrEnum):
    """An age that identifies nobody."""

    UNDER_10 = "under_10"
    FROM_10_TO_15 = "from_10_to_15"
    FROM_16_TO_17 = "from_16_to_17"
    FROM_18_TO_25 = "from_18_to_25"
    FROM_26_TO_64 = "from_26_to_64"
    OVER_64 = "over_64"
    UNKNOWN = "unknown"


class Method(StrEnum):
    """How people meet or exchange: the first three direct, the others indirect."""

    FACE_TO_FACE = "face_to_face"
    CONFERENCE = "conference"
    VIDEO = "video"
    LETTER = "letter"
    RECORDING = "recording"
    SHUTTLE = "shuttle"


DIRECT = frozenset({Method.FACE_TO_FACE, Method.CONFERENCE, Method.VIDEO})


class Level(StrEnum):
    """The training level of a facilitator (RJC)."""

    FOUNDATION = "foundation"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class YesEnded(Part):
    """A participant to whose taking part by these methods no yes stands any longer."""

    participant_id: ParticipantId
    methods: tuple[Method, ...]


class Participant(Part):
    """A person in a case, known on the log by an id that is scoped to that case."""

    participant_id: ParticipantId
    role: ParticipantRole
    age_band: AgeBand
