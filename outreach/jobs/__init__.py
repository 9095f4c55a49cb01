"""Clock entry point: ticks, queues, workers."""
