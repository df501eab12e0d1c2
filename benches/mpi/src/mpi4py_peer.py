"""The same function over mpi4py.futures. Usage: mpirun -n N python -m mpi4py.futures mpi4py_peer.py .."""

import json
import math
import sys
import time

from mpi4py.futures import MPIPoolExecutor


def rate(flight, roots):
    score = flight["delay"] / (flight["distance"] + 1) + flight["time"]
    for _ in range(roots):
        score = math.sqrt(score * score + 1.0)
    return {"delay": flight["delay"], "distance": flight["distance"], "score": score}


class Rate:
    """The function with its setting, which is sent with each chunk."""

    def __init__(self, roots):
        self.roots = roots

    def __call__(self, flight):
        return rate(flight, self.roots)


def main():
    messages, out, chunk, roots = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    with MPIPoolExecutor() as executor:
        executor.bootup(wait=True)
        began = time.perf_counter()
        with open(messages) as lines, open(out, "w") as outcomes:
            flights = [json.loads(line) for line in lines]
            for rated in executor.map(Rate(roots), flights, chunksize=chunk):
                outcomes.write(json.dumps(rated, separators=(",", ":")) + "\n")
        print(f"{time.perf_counter() - began} seconds", file=sys.stderr)


if __name__ == "__main__":
    main()
