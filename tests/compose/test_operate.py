"""The hub in containers is operated from outside: looked at, backed up, set wrongly and told so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rjhub.addresses import SERVICES
from rjhub.options import TOKEN
from rjhub.organisations import POLICE
from tests.compose.stack import Stack, rjhub, told
from tests.support import eventually
from tests.support_casework import REFERRAL
from tests.support_quarter import Witness

pytestmark = pytest.mark.timeout(300)

WRONG_SETTINGS = 2
WRONG = (
    "RJHUB_HUB_ORG=hub",
    "RJHUB_KAFKA=",
    "RJHUB_MONGO_URL_FILE=/keys/none",
    "RJHUB_LEASE_SECONDS=soon",
    "RJHUB_KAFKE=kafka:9092",
)


@pytest.fixture(scope="module")
async def case(witness: Witness) -> str:
    """One that an officer referred, and that reporting knows of."""
    answer = await witness.tell("referral", "/cases", REFERRAL, role="officer", org=POLICE)
    subject: str = answer.json()["subject"]
    seen = await witness.ask("reporting", f"/cases/{subject}", after=f"referral-{subject}@1")
    assert seen.is_success, seen.text
    return subject


async def test_a_hub_that_is_well_says_so(stack: Stack) -> None:
    (done,) = await eventually(lambda: _well(stack), 30, every=1)
    assert [name for name in SERVICES if name not in done.stdout] == []
    status = told("status", "--against", stack.address)
    assert status["well"]
    assert status["services"]["consent"]["replicas"] == {"met": 1, "expected": 1}


def _well(stack: Stack) -> list[subprocess.CompletedProcess[str]]:
    done = rjhub("status", "--against", stack.address)
    return [] if done.returncode else [done]


def test_a_token_that_the_hub_signed_tells_operations_how_it_is(stack: Stack) -> None:
    token = stack.compose("run", "--rm", "-T", "token", "operations")
    done = rjhub("status", "--against", stack.address, env={TOKEN: token})
    assert done.returncode == 0, done.stderr


def test_a_case_and_what_is_parked_are_shown(stack: Stack, case: str) -> None:
    found = told("case", "show", case, "--against", stack.address)
    assert found["timeline"][0]["type"] == "rj.ReferralRequested.v1"
    assert "requested" in rjhub("case", "show", case, "--against", stack.address).stdout.lower()
    assert told("parked", "--against", stack.address) == []


def test_the_log_is_read_from_this_machine(stack: Stack, case: str) -> None:
    where = ("--kafka", stack.bootstrap, "--case", case, "--from-start", "-n", "1")
    assert told("events", "tail", *where)["subject"] == case
    assert "ReferralRequested" in rjhub("events", "tail", *where).stdout


def test_a_backup_is_made_while_the_hub_works(stack: Stack, case: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)  # the containers are user 10001
    said = stack.backup_tool(tmp_path, "backup", "/backups/one")
    assert "commits" in said
    assert (tmp_path / "one").is_dir()


@pytest.mark.parametrize("setting", WRONG)
def test_a_setting_that_will_not_do_stops_a_service_and_is_named(
    stack: Stack, setting: str
) -> None:
    code, said = stack.tried("run", "--rm", "-T", "--no-deps", "-e", setting, "referral")
    assert code == WRONG_SETTINGS, said
    assert setting.partition("=")[0] in said
