"""Validates an OpenAPI document, and messages by the schemas in it.

    document.py FILE

The file has the document, the path of a model and the checks: [part, message, whether it is accepted].
Prints the number of examples, all of which their schemas must accept, and what is wrong.
"""

import json
import sys

import jsonschema
import openapi_spec_validator

with open(sys.argv[1]) as file:
    given = json.load(file)
document = given["document"]
openapi_spec_validator.validate(document)


def errors(schema, message):
    """What is wrong with a message, by a schema of the document."""
    whole = {"allOf": [schema], "components": document["components"]}
    kind = jsonschema.Draft202012Validator
    kind.check_schema(whole)
    found = kind(whole, format_checker=kind.FORMAT_CHECKER).iter_errors(message)
    return [f"{error.json_path}: {error.message}" for error in found]


def content(path, part):
    post = document["paths"][path]["post"]
    body = post["requestBody"] if part == "requestBody" else post["responses"][part]
    return body["content"]["application/json"]


wrong, examples = [], 0
for path in document["paths"]:
    body = content(path, "requestBody")
    if "example" in body:
        examples += 1
        wrong += errors(body["schema"], body["example"])
for part, message, accepted in given["checks"]:
    found = errors(content(given["model"], part)["schema"], message)
    if bool(found) == accepted:
        wrong.append([part, message, found])
json.dump({"examples": examples, "wrong": wrong}, sys.stdout)
