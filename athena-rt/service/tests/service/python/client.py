"""Asks a service what it is, calls it, and prints what came of it. Knows its address alone."""

import json
import sys

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)


class Service:
    def __init__(self, channel, pool, name, method):
        found = pool.FindServiceByName(name).FindMethodByName(method)
        self.input = GetMessageClass(found.input_type)
        streams = found.server_streaming
        call = channel.unary_stream if streams else channel.unary_unary
        self.call = call(
            f"/{name}/{method}",
            request_serializer=self.input.SerializeToString,
            response_deserializer=GetMessageClass(found.output_type).FromString,
        )


def failure(done):
    """The status that a call ends with."""
    try:
        given = done()
        raise SystemExit(f"no error: {given}")
    except grpc.RpcError as error:
        return error


def kind(error):
    return dict(error.trailing_metadata() or ()).get("athena-error-kind")


def main(address):
    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        pool = DescriptorPool(database)
        told = {"services": list(database.get_services())}

        health = Service(channel, pool, "grpc.health.v1.Health", "Check")
        ours = [name for name in told["services"] if name.startswith("athena_service.")]
        told["health"] = {
            name: health.call(health.input(service=name)).status for name in ["", *ours]
        }

        work = Service(channel, pool, "athena_service.ServiceWorkService", "Run")
        told["default"] = work.input.DESCRIPTOR.fields_by_name["value"].default_value
        answer = work.call(work.input(id=7, note="n"), timeout=10)
        shown = json_format.MessageToDict(answer, preserving_proto_field_name=True)
        told["answer"] = {name: shown[name] for name in ("id", "value", "note")}

        count = Service(channel, pool, "athena_service.ServiceCountService", "Run")
        told["count"] = [number.n for number in count.call(count.input(to=3))]

        wreck = Service(channel, pool, "athena_service.ServiceWreckService", "Run")
        voyage = wreck.input(ports={"a": 1, "b": 2})
        voyage.pause.FromMilliseconds(2500)
        told["ports"] = [
            [port.name, port.cargo, port.pause.ToJsonString()] for port in wreck.call(voyage)
        ]
        ending = wreck.input.DESCRIPTOR.fields_by_name["ending"].enum_type
        voyage.ending = ending.values_by_name["ENDING_LOUD"].number
        given = []
        error = failure(lambda: [given.append(port) for port in wreck.call(voyage)])
        told["loud"] = [error.code().name, error.details(), kind(error), len(given)]

        error = failure(lambda: work.call(work.input(id=500)))
        told["refused"] = [error.code().name, error.details(), kind(error)]
        error = failure(lambda: work.call(work.input(id=1, wait_ms=3000), timeout=0.2))
        told["late"] = error.code().name
        error = failure(lambda: work.call(work.input()))
        told["missing"] = [error.code().name, error.details()]
        walk = channel.unary_unary("/athena_service.ServiceWorkService/Walk")
        told["unknown"] = failure(lambda: walk(b"")).code().name
        print(json.dumps(told))


main(sys.argv[1])
