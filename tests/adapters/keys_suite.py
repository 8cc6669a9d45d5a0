"""What every source of the issuer's keys does, whether it reads a file or asks an address."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod

import pytest

from kernel.http.keys import KeySource, WrongKeys
from kernel.http.tokens import Tokens
from kernel.settings import WrongSettings
from tests.support_http import Issuer

ISSUER, FOLLOWER, REAL = Issuer(), Issuer("dev-2-"), Issuer("key-")
BROKEN = ("", "{", '{"keys": []}', "[]", '{"keys": 3}', "[" * 100_000)


class Place(ABC):
    """Where an issuer publishes its keys; `setting` names it to a service."""

    setting: str

    @abstractmethod
    def says(self, text: str) -> None:
        """Publish this from now on."""

    @abstractmethod
    def goes_away(self) -> None:
        """Have nothing to read from now on."""

    @abstractmethod
    def keys(self, *, dev: bool = True) -> KeySource:
        """What a service reads there."""


async def started(place: Place, text: str, *, dev: bool = True) -> KeySource:
    place.says(text)
    found = place.keys(dev=dev)
    await found.start()
    return found


class KeysSuite:
    """Subclasses give the fixture `place`."""

    async def test_each_key_is_found_by_its_id_with_its_algorithm(self, place: Place) -> None:
        keys = await started(place, ISSUER.jwks())
        for kid, private in ISSUER.private.items():
            found = await keys.find(kid)
            assert found
            assert (found.algorithm, found.public) == (ISSUER.algorithm(kid), private.public_key())
        assert await keys.find("unknown") is None

    async def test_a_new_key_is_found_and_one_that_left_no_longer(self, place: Place) -> None:
        keys = await started(place, ISSUER.jwks())
        place.says(FOLLOWER.jwks())
        assert await keys.find(FOLLOWER.kid)
        assert await keys.find(ISSUER.kid) is None

    @pytest.mark.parametrize("broken", BROKEN)
    async def test_where_the_document_breaks_the_former_keys_stay(
        self, place: Place, broken: str
    ) -> None:
        keys = await started(place, ISSUER.jwks())
        place.says(broken)
        assert await keys.find("unknown") is None
        assert await keys.find(ISSUER.kid)

    async def test_where_the_document_is_away_the_former_keys_stay(self, place: Place) -> None:
        keys = await started(place, ISSUER.jwks())
        place.goes_away()
        assert await keys.find("unknown") is None
        assert await keys.find(ISSUER.kid)

    @pytest.mark.parametrize("broken", BROKEN)
    async def test_a_start_without_usable_keys_is_refused(self, place: Place, broken: str) -> None:
        with pytest.raises(WrongKeys):
            await started(place, broken)

    async def test_a_development_key_stops_the_start_unless_in_development(
        self, place: Place
    ) -> None:
        await started(place, ISSUER.jwks(), dev=True)
        with pytest.raises(WrongKeys, match="RJHUB_DEV=1"):
            await started(place, ISSUER.jwks(), dev=False)

    async def test_a_development_key_that_appears_later_is_left_out(self, place: Place) -> None:
        keys = await started(place, json.dumps({"keys": [REAL.public("key-ed")]}), dev=False)
        place.says(json.dumps({"keys": [ISSUER.public("dev-ed"), REAL.public("key-ec")]}))
        assert await keys.find("dev-ed") is None
        assert await keys.find("key-ec")

    async def test_wrong_keys_stop_the_start_with_the_name_of_their_setting(
        self, place: Place
    ) -> None:
        place.says(ISSUER.jwks())
        tokens = Tokens(place.keys(dev=False), ISSUER.name, ISSUER.audience)
        with pytest.raises(WrongSettings, match=f"^{place.setting}: .*development key"):
            await tokens.start()
