"""What each user of a broker with users may do: all of it is tried, with another client."""

from __future__ import annotations

from typing import Any

import pytest
from kafka import KafkaConsumer
from kafka.errors import KafkaError

from kernel.kafka.access import by_password
from rjhub.stack.kafka import add_subscriber, by_certificate, remove_subscriber
from rjhub.stack.rights import give_rights, rights_of
from tests.engines.secure import Secured
from tests.support_rights import PROBES, Door, Probe, join, read, write

pytestmark = pytest.mark.timeout(180)  # the broker takes a while to start


def door(broker: Secured, user: str) -> Door:
    return Door(broker.bootstrap, broker.options(user))


@pytest.mark.parametrize("probe", PROBES, ids=str)
def test_a_user_may_do_what_the_design_says_and_nothing_else(
    secured_broker: Secured, probe: Probe
) -> None:
    assert probe.tried(door(secured_broker, probe.user)) is probe.may


def test_a_right_that_is_too_much_is_taken_away_and_a_repeat_changes_nothing(
    secured_broker: Secured,
) -> None:
    with secured_broker.admin() as admin:
        admin.create_acls(_as("reporting", list(rights_of("consent"))))
        assert Probe("reporting", write, "rj.case", may=True).tried(
            door(secured_broker, "reporting")
        )
        for _ in range(2):
            give_rights(admin, "reporting")
            assert not Probe("reporting", write, "rj.case", may=False).tried(
                door(secured_broker, "reporting")
            )


def _as(user: str, acls: list[Any]) -> list[Any]:
    for one in acls:
        one.principal = f"User:{user}"
    return acls


def test_a_subscriber_of_its_own_is_let_in_reads_and_is_let_in_no_longer(
    secured_broker: Secured,
) -> None:
    trusted = by_certificate(secured_broker.keys)
    password = add_subscriber(secured_broker.peers, trusted, "figures")
    own = Door(
        secured_broker.bootstrap, by_password("subscriber-figures", password, secured_broker.ca)
    )
    tried = {
        (read, "rj.case"): True,
        (join, "subscriber-figures"): True,
        (join, "subscriber-figures-test"): True,
        (join, "subscriber-figures2"): False,
        (write, "rj.case"): False,
    }
    for (does, what), may in tried.items():
        assert Probe("figures", does, what, may).tried(own) is may, what
    remove_subscriber(secured_broker.peers, trusted, "figures")
    with pytest.raises(KafkaError):
        KafkaConsumer(**own.told(), bootstrap_timeout_ms=2000)
