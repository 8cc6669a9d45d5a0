"""The engines that tests are run on are those that the compose file names."""

from __future__ import annotations

from tests.engines.containers import image
from tests.engines.jars import POM
from tests.engines.kafka import cluster_id


def test_the_kafka_of_the_jars_is_that_of_the_compose_file() -> None:
    version = image("apache/kafka").partition(":")[2].partition("@")[0]
    pinned = [one for one in POM.read_text().split("<dependency>") if "org.apache.kafka" in one]
    assert len(pinned) == 2
    assert all(f"<version>{version}</version>" in one for one in pinned)


def test_no_cluster_id_could_be_taken_for_an_option() -> None:
    assert all(cluster_id(str(seed)).isalnum() for seed in range(1000))
