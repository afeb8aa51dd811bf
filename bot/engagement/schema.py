"""The shapes of the rules as a JSON Schema, for editors that check a file while it is written.

`python -m bot.engagement.schema` prints what stands in docs/rules-of-engagement.schema.json. It knows the
shape of each value; what one part says about another is found when the file is read.
"""

from __future__ import annotations

import json
import sys
from typing import Any, override

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bot.engagement import word_lists
from bot.engagement.written import WrittenRules
from bot.engagement.written_policy import PERMANENT, permanent
from bot.engagement.written_words import listed, phrases

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "Rules of engagement"


class _AsWritten(GenerateJsonSchema):
    """Allows what our readers take besides the plain shape: one value for a list, `permanent` for years."""

    @override
    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        reader: Any = schema["function"]["function"]
        if reader is listed:
            return {"anyOf": [inner["items"], inner]}
        if reader is phrases:
            return {"anyOf": [{"type": "array", "items": {"type": "string"}, "minItems": 1}, inner]}
        if reader is permanent:
            return {"anyOf": [inner, {"const": PERMANENT}]}
        return inner


def rules_schema() -> dict[str, Any]:
    """Return the schema of `city/rules_of_engagement.yml`."""
    made = WrittenRules.model_json_schema(schema_generator=_AsWritten)
    return {"$schema": DIALECT, "title": TITLE, **_readable(made)}


def rendered() -> str:
    """Return the published file."""
    return json.dumps(rules_schema(), indent=1, ensure_ascii=False) + "\n"


def _readable(made: dict[str, Any]) -> dict[str, Any]:
    """Drop the names of our classes, which tell a reader nothing, and name the word lists that there are."""
    for definition in (made, *made["$defs"].values()):
        definition.pop("title", None)
        for field in definition.get("properties", {}).values():
            field.pop("title", None)
    if "ListName" in made["$defs"]:
        made["$defs"]["ListName"]["enum"] = list(word_lists.names())
    return made


if __name__ == "__main__":
    sys.stdout.write(rendered())
