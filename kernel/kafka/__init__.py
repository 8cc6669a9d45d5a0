"""The log on Kafka: connections that never change their broker unasked, a writer, a reader."""
