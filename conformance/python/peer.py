"""Reads each message as bytes and as ProtoJSON, and writes it back in both forms.

    peer.py VERSION DESCRIPTORS PACKAGE

A line of standard input is {"message": name, "bytes": base64, "json": text}. The line that answers
it is {"bytes": base64, "json": [text, ..]}, or {"error": text}.
"""

import base64
import json
import sys

import google.protobuf
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory


def load(path):
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as file:
        files.ParseFromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
    return pool


def message_class(descriptor, pool):
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)


def answer(kind, given):
    sent = base64.b64decode(given["bytes"])
    read = kind.FromString(sent)
    if not read.IsInitialized():
        raise ValueError("a required field is missing")
    written = read.SerializeToString(deterministic=True)
    known = kind.FromString(sent)
    known.DiscardUnknownFields()
    if known.SerializeToString(deterministic=True) != written:
        raise ValueError("the bytes have fields that are not in the .proto file")
    from_json = json_format.Parse(given["json"], kind())
    if from_json.SerializeToString(deterministic=True) != written:
        raise ValueError(f"the JSON and the bytes differ:\n{from_json}\n{read}")
    texts = [
        json_format.MessageToJson(read, indent=None),
        json_format.MessageToJson(
            read, preserving_proto_field_name=True, use_integers_for_enums=True
        ),
    ]
    return {"bytes": base64.b64encode(written).decode(), "json": texts}


def main(version, descriptors, package):
    if google.protobuf.__version__ != version:
        sys.exit(f"this is protobuf {google.protobuf.__version__}, not {version}")
    pool = load(descriptors)
    kinds = {}
    for line in sys.stdin:
        given = json.loads(line)
        name = given["message"]
        if name not in kinds:
            kinds[name] = message_class(pool.FindMessageTypeByName(f"{package}.{name}"), pool)
        try:
            reply = answer(kinds[name], given)
        except Exception as error:  # The test reports any error.
            reply = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(reply) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
