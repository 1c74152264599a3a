"""Says of every plan of the corpus whether the JSON Schema accepts it: one line a file.

usage: schema_verdicts.py SCHEMA FOLDER   ->   "FOLDER/good/smallest.json accepted" and so on
"""
import json
import pathlib
import re
import sys

import jsonschema


def ecma_pattern(validator, pattern, instance, schema):
    # JSON Schema means ECMA-262, where "$" is the end; Python's allows a line feed after it.
    if validator.is_type(instance, "string"):
        if pattern.endswith("$"):
            pattern = pattern[:-1] + r"\Z"
        if not re.search(pattern, instance):
            yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


def no_constant(text):
    raise ValueError(f"{text} is no JSON")


schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator, {"pattern": ecma_pattern}
)
Validator.check_schema(schema)
validator = Validator(schema)
for path in sorted(pathlib.Path(sys.argv[2]).glob("*/*.json")):
    try:
        plan = json.loads(path.read_bytes().decode("utf-8"), parse_constant=no_constant)
        accepted = validator.is_valid(plan)
    except ValueError:
        accepted = False
    print(path.parent.name + "/" + path.name, "accepted" if accepted else "refused")
