"""The first minutes of a team that subscribes, as docs/events.md tells them; a test takes them."""

FIRST_STEPS = """\
## From nothing to events in five minutes

**1. A hub with something on it.** On Linux, in a clone of this repository, either on this machine:

```sh
make up
```

and, once it says that it is ready, in a second terminal (a minute or two, 3,700 events):

```sh
.venv/bin/rjhub demo
KAFKA=$(.venv/bin/python -c 'from rjhub.hubfile import read_hub_file; print(read_hub_file().kafka)')
```

or in containers:

```sh
docker compose -f docker-compose.yml -f deploy/compose.demo.yml up -d --wait
make venv && .venv/bin/rjhub demo --against http://127.0.0.1:8080
KAFKA=127.0.0.1:9094
```

A hub that others run has `KAFKA` from them; nothing below needs more than that address.

**2. Look.** Each line is an event, told once:

```sh
.venv/bin/rjhub events tail --kafka "$KAFKA" --from-start -n 10
```

The same with a client that knows nothing of us (`apt-get install kcat`): three events as they are,
with headers and data. The one of Debian 12, on librdkafka 2.0, understands Kafka but not the broker
of `make up`; a newer one understands both:

```sh
kcat -b "$KAFKA" -C -t rj.case -o beginning -c 3 -f '%h\\n%s\\n\\n'
```

**3. Subscribe.** This prints what was told so far, and goes on with what comes. Ctrl-C ends it;
start it again, and each event has still been counted once:

```sh
.venv/bin/python examples/subscriber.py "$KAFKA" seen.sqlite
```

```sh
.venv/bin/python -c 'import sqlite3
for row in sqlite3.connect("seen.sqlite").execute("SELECT n, type FROM counts"): print(*row)'
```

It is forty lines to copy, and needs `pip install 'kafka-python<4' crc32c`, nothing of ours. With
the CloudEvents SDK (`pip install 'cloudevents>=2'`) a record is an event; as `follow.py` it is
started by `.venv/bin/python follow.py "$KAFKA"`:

```python
import sys

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from kafka import KafkaConsumer

log = KafkaConsumer("rj.case", bootstrap_servers=sys.argv[1], auto_offset_reset="earliest")
for record in log:
    event = from_kafka_event(KafkaMessage(dict(record.headers), record.key, record.value))
    print(event.get_time(), event.get_type(), event.get_subject(), event.get_data(), flush=True)
```

**4. Read what is promised**, below, before you count on it: above all that an event may come twice.

Where the broker asks for a password, a subscriber is the user `analyst`, who may only read;
[operations](operations.md#kafka-with-tls-and-passwords) says where its password and the authority's
certificate are. `rjhub events tail` is told by `--user`, `--password-file` and `--ca-file`, the
sample by a file of `KafkaConsumer`'s options, and what stands on librdkafka from 2.6.1 on, such as
kcat, by `-X security.protocol=sasl_ssl -X sasl.mechanism=SCRAM-SHA-512 -X sasl.username=analyst
-X sasl.password=… -X ssl.ca.location=…`. Groups of readers have names that begin with `analyst`.
"""
