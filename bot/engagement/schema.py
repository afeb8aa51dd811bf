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

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The newest that every editor's YAML support reads."""
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
    made = WrittenRules.model_json_schema(schema_generator=_AsWritten, ref_template="#/definitions/{model}")
    made["definitions"] = made.pop("$defs")
    return {"$schema": DIALECT, "title": TITLE, **_with_siblings(_readable(made))}


def rendered() -> str:
    """Return the published file."""
    return json.dumps(rules_schema(), indent=1, ensure_ascii=False) + "\n"


def _readable(made: dict[str, Any]) -> dict[str, Any]:
    """Drop the names of our classes, which tell a reader nothing, and name the word lists that there are."""
    for definition in (made, *made["definitions"].values()):
        definition.pop("title", None)
        for field in definition.get("properties", {}).values():
            field.pop("title", None)
    if "ListName" in made["definitions"]:
        made["definitions"]["ListName"]["enum"] = list(word_lists.names())
    return made


def _with_siblings(part: Any) -> Any:
    """Wrap references that have something beside them: in this dialect it would be ignored."""
    if isinstance(part, list):
        return [_with_siblings(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    made = {key: _with_siblings(inner) for key, inner in part.items()}
    if "$ref" in made and len(made) > 1:
        return {"allOf": [{"$ref": made.pop("$ref")}], **made}
    return made


if __name__ == "__main__":
    sys.stdout.write(rendered())
