"""A made-up person, every form in which their words may be kept, and every place of a hub."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from kafka import KafkaConsumer
from pymongo import MongoClient

from tests.support_checker import TOPICS, records
from tests.support_hub import Hub, get

NAME = "Zebedee Quillfeather"
EMAIL = "quillfeather@example.test"
PHONE = "07700900461"
WORDS = f"{NAME} {EMAIL} {PHONE}"
SOUGHT = ("quillfeather", PHONE)


class Kept(NamedTuple):
    """Bytes that a hub holds somewhere."""

    kind: str
    place: str
    content: bytes


def forms(word: str) -> Iterator[bytes]:
    """A word as it may be written: as it is, in hex, in two bytes a letter, inside base64."""
    for one in {word, word.lower(), word.upper(), word.title()}:
        text = one.encode()
        yield from (text, text.hex().encode(), one.encode("utf-16-le"))
        yield from (_inside_base64(text, place) for place in range(3))


def _inside_base64(text: bytes, place: int) -> bytes:
    """The letters that a text makes wherever it begins at this place of a group of three."""
    encoded = base64.b64encode(bytes(place) + text + bytes(3))
    first, last = -(-place * 4 // 3), (place + len(text)) * 4 // 3
    return encoded[first:last]


def places(kept: Iterable[Kept], *words: str) -> set[tuple[str, str]]:
    """The kinds and names of the places that hold one of these words in any form."""
    sought = {form for word in words for form in forms(word)}
    return {(one.kind, one.place) for one in kept if any(form in one.content for form in sought)}


def everything(hub: Hub) -> Iterator[Kept]:
    """All that a hub keeps or tells anybody who may not see a case."""
    yield Kept("said", hub.output.name, hub.output.read_bytes())
    yield from _files(hub)
    yield from _documents(hub)
    yield from _records(hub)
    yield from _metrics(hub)


def _files(hub: Hub) -> Iterator[Kept]:
    for path in hub.folder.rglob("*"):
        with suppress(OSError):  # the database makes and removes files at any time
            kept = path.read_bytes().rstrip(b"\0")
            yield Kept("log" if path.parent.name == "log" else "file", path.name, kept)


def _documents(hub: Hub) -> Iterator[Kept]:
    raw = CodecOptions(document_class=RawBSONDocument)
    with MongoClient[Any](hub.file.mongo) as client:
        for name in client.list_database_names():
            for collection in client[name].list_collection_names():
                found = client[name].get_collection(collection, codec_options=raw).find()
                yield Kept("collection", f"{name}.{collection}", b"\n".join(_raw(found)))


def _raw(found: Iterable[RawBSONDocument]) -> Iterator[bytes]:
    return (bytes(one.raw) for one in found)


def _records(hub: Hub) -> Iterator[Kept]:
    with KafkaConsumer(bootstrap_servers=hub.file.kafka) as consumer:
        assert consumer.topics() == set(TOPICS)
    for one in records(hub.file.kafka):
        parts = [
            one.key,
            one.value,
            *(part for name, value in one.headers for part in (name, value)),
        ]
        sent = b"\n".join(part.encode() if isinstance(part, str) else part or b"" for part in parts)
        yield Kept("topic", one.topic, sent)


def _metrics(hub: Hub) -> Iterator[Kept]:
    for name, url in hub.file.services.items():
        yield Kept("metrics", name, get(f"{url}/metrics").encode())
