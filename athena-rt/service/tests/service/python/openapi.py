"""Calls models through a client that openapi-python-client wrote, and prints what came back as JSON."""

import json
import sys

from generated import Client
from generated.api.default import service_count, service_work
from generated.models import Count, Task

client = Client(base_url=sys.argv[1])
work = service_work.sync(client=client, body=Task(id=7))
numbers = service_count.sync(client=client, body=Count(to=3))
refused = service_work.sync_detailed(client=client, body=Task(id=500))
invalid = service_work.sync_detailed(client=client, body=Task(id="seven"))
json.dump(
    {
        "value": work.value,
        "numbers": [number.n for number in numbers],
        "refused": {
            "status": refused.status_code,
            "kind": refused.parsed.error.kind,
            "message": refused.parsed.error.message,
        },
        "invalid": {"status": invalid.status_code, "pointer": invalid.parsed.pointer},
    },
    sys.stdout,
)
