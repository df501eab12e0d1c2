"""A program in another language that uses a recorded earthquake. All it has of Athena is the `.proto`
file, compiled by `protoc --python_out`.

    quake.py read QUAKE            prints what the message says
    quake.py move QUAKE RESULT     writes the same quake, ten kilometres deeper, at another place
    quake.py assessment OUTCOME    prints what the model says
"""

import json
import sys

import earthquakes_pb2 as earthquakes


def load(kind, path):
    with open(path, "rb") as file:
        return kind.FromString(file.read())


def read(path):
    quake = load(earthquakes.Quake, path)
    at = quake.geometry.coordinates
    return {
        "id": quake.id,
        "place": quake.properties.place,
        "mag": quake.properties.mag,
        "time": quake.properties.time,
        "status": earthquakes.Status.Name(quake.properties.status),
        "coordinates": [at.item_1, at.item_2, at.item_3],
        "has_nst": quake.properties.HasField("nst"),
    }


def move(path, result):
    quake = load(earthquakes.Quake, path)
    moved = earthquakes.Quake(id=quake.id + "-moved", type=quake.type)
    moved.properties.CopyFrom(quake.properties)
    moved.properties.place = "somewhere else"
    moved.geometry.type = quake.geometry.type
    moved.geometry.coordinates.item_1 = quake.geometry.coordinates.item_1
    moved.geometry.coordinates.item_2 = quake.geometry.coordinates.item_2
    moved.geometry.coordinates.item_3 = quake.geometry.coordinates.item_3 + 10.0
    with open(result, "wb") as file:
        file.write(moved.SerializeToString())
    return {"bytes": len(moved.SerializeToString())}


def assessment(path):
    said = load(earthquakes.Assessment, path)
    return {
        "id": said.id,
        "energy_joules": said.energy_joules,
        "distance_km": said.distance_km,
        "felt": said.felt,
        "level": earthquakes.AlertLevel.Name(said.level),
        "reports": said.reports,
    }


if __name__ == "__main__":
    work = {"read": read, "move": move, "assessment": assessment}[sys.argv[1]]
    print(json.dumps(work(*sys.argv[2:])))
