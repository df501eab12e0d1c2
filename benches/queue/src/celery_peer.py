"""The same function as a Celery task; `celery_peer.py COUNT MESSAGE` sends the message COUNT times."""

import json
import os
import sys

from celery import Celery

app = Celery("celery_peer", broker=os.environ["BENCH_BROKER"], backend=os.environ["BENCH_RESULTS"])
app.conf.task_default_queue = os.environ["BENCH_QUEUE"]


@app.task
def bill(order):
    net = order["quantity"] * order["price"] + (7.5 if order.get("urgent") else 0.0)
    return {"id": order["id"], "customer": order["customer"], "net": net, "gross": net * 1.25}


if __name__ == "__main__":
    order = json.loads(sys.argv[2])
    with app.producer_pool.acquire(block=True) as producer:
        for _ in range(int(sys.argv[1])):
            bill.apply_async((order,), producer=producer)
