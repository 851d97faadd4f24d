"""Validates YAML files with a JSON schema: validate_yaml.py SCHEMA FILE…

Prints "FILE: ok" or "FILE: PATH: PROBLEM" for each. Exits with 77 when PyYAML or jsonschema is
missing."""
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(missing)
    sys.exit(77)


class Core(yaml.SafeLoader):
    """YAML 1.2, as editors and ecloud read it: "off" is a text."""


Core.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] not in ("tag:yaml.org,2002:bool",
                                                      "tag:yaml.org,2002:timestamp")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))

with open(sys.argv[1], encoding="utf-8") as file:
    schema = yaml.safe_load(file)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        document = yaml.load(file, Loader=Core)
    errors = sorted(validator.iter_errors(document), key=lambda error: list(error.path))
    if not errors:
        print(f"{path}: ok")
    for error in errors:
        print(f"{path}: {'.'.join(map(str, error.path))}: {error.message}")
