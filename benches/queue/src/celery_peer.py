"""The same function as a Celery task; `celery_peer.py COUNT MESSAGE` sends the message COUNT times.

`celery_peer.py latency WARM COUNT MESSAGE` sends each when the result of the last one is there, and prints the seconds that
each took.
"""

import json
import os
import sys
import time

from celery import Celery

app = Celery("celery_peer", broker=os.environ["BENCH_BROKER"], backend=os.environ["BENCH_RESULTS"])
app.conf.task_default_queue = os.environ["BENCH_QUEUE"]


@app.task
def bill(order):
    net = order["quantity"] * order["price"] + (7.5 if order.get("urgent") else 0.0)
    return {"id": order["id"], "customer": order["customer"], "net": net, "gross": net * 1.25}


if __name__ == "__main__":
    order = json.loads(sys.argv[-1])
    with app.producer_pool.acquire(block=True) as producer:
        if sys.argv[1] == "latency":
            for _ in range(int(sys.argv[2]) + int(sys.argv[3])):
                began = time.perf_counter()
                bill.apply_async((order,), producer=producer).get(timeout=30)
                print(time.perf_counter() - began)
        else:
            for _ in range(int(sys.argv[1])):
                bill.apply_async((order,), producer=producer)
