"""What is said of a broker that goes away while `rjhub events tail` follows its log."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.envelope import Topic
from kernel.log import LogIdentity, LogUnavailable
from rjhub.events import SILENT_SECONDS, Watch

Found = LogIdentity | LogUnavailable


def log(name: str) -> LogIdentity:
    return LogIdentity("cluster", tuple((topic, f"{name}-{topic}") for topic in Topic.ALL))


LOG = log("one")
AWAY = LogUnavailable("no connection to 127.0.0.1:1")


class Following:
    """A watch whose broker is found so, one look after the other."""

    def __init__(self, *found: Found) -> None:
        self.turns: Iterator[Found] = iter(found)
        self.seconds = 0.0
        self.said: list[str] = []
        self.watch = Watch(self.ask, self.said.append, lambda: self.seconds)

    def ask(self) -> LogIdentity:
        found = next(self.turns)
        if isinstance(found, LogUnavailable):
            raise found
        return found

    def silent(self) -> bool:
        """Nothing comes for as long as makes it look."""
        self.seconds += SILENT_SECONDS
        return self.watch.another_log(came=False)


def test_nobody_asks_while_events_come_nor_at_once_when_none_does() -> None:
    following = Following()
    following.seconds = SILENT_SECONDS
    assert not following.watch.another_log(came=True)
    following.seconds += SILENT_SECONDS / 2
    assert not following.watch.another_log(came=False)
    assert following.said == []


def test_a_quiet_log_is_quiet() -> None:
    following = Following(LOG, LOG, LOG)
    assert [following.silent() for _ in range(3)] == [False] * 3
    assert following.said == []


def test_a_broker_that_goes_away_and_comes_back_is_told_once_each() -> None:
    following = Following(LOG, AWAY, AWAY, LOG, LOG)
    assert [following.silent() for _ in range(5)] == [False] * 5
    gone, back = following.said
    assert "no connection to 127.0.0.1:1" in gone
    assert "asked again" in gone
    assert back == "The broker answers again."


def test_a_broker_that_was_away_from_the_first_look_on_is_told_too() -> None:
    following = Following(AWAY)
    following.silent()
    assert len(following.said) == 1


def test_another_log_is_told_and_read_from_its_start() -> None:
    without_topics = LogIdentity("cluster", ())
    following = Following(LOG, AWAY, without_topics, log("two"), log("two"))
    assert [following.silent() for _ in range(5)] == [False, False, False, True, False]
    assert following.said[-1].startswith("The log is another one")
    assert len(following.said) == 3


def test_what_comes_says_that_the_broker_is_back() -> None:
    following = Following(LOG, AWAY)
    following.silent()
    following.silent()
    following.watch.another_log(came=True)
    assert following.said[1:] == ["The broker answers again."]
