"""Count events by type: python examples/subscriber.py BROKER FILE [OPTIONS of KafkaConsumer.json]

What was seen lies in one transaction with what was made of it: nothing is lost or doubled. It reads
from the start each time, so that neither a crash nor a log made anew can make it skip anything.
"""

import json
import sqlite3
import sys
from contextlib import suppress
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition

TABLES = """CREATE TABLE IF NOT EXISTS highest (stream TEXT PRIMARY KEY, version INT);
CREATE TABLE IF NOT EXISTS counts (type TEXT PRIMARY KEY, n INT);"""
NEWER = """INSERT INTO highest VALUES (:ce_stream, CAST(:ce_version AS INT))
ON CONFLICT DO UPDATE SET version = excluded.version WHERE excluded.version > version"""
COUNT = "INSERT INTO counts VALUES (:ce_type, 1) ON CONFLICT DO UPDATE SET n = n + 1"

if len(sys.argv) < 3:
    sys.exit(__doc__)
broker, file, *options = sys.argv[1:]
told = json.loads(Path(options[0]).read_text()) if options else {}
consumer = KafkaConsumer(bootstrap_servers=broker, allow_auto_create_topics=False, **told)
consumer.assign([TopicPartition("rj.case", n) for n in range(16)])
consumer.seek_to_beginning()
store = sqlite3.connect(file)
store.executescript(TABLES)

with suppress(KeyboardInterrupt):
    while True:
        for records in consumer.poll(timeout_ms=500).values():
            with store:  # all of it, or nothing
                for record in records:
                    event = {name: value.decode() for name, value in record.headers}
                    if store.execute(NEWER, event).rowcount:
                        store.execute(COUNT, event)
                        print(event["ce_time"], event["ce_type"], event["ce_subject"])
