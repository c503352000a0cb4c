"""What has not the form it should have, in words for people: for the API and for assistants.

The checker's own sentences speak of its insides ("a valid dictionary or object to extract fields from").
"""

from collections.abc import Mapping
from typing import Any, Final

_PLAIN: Final[Mapping[str, str]] = {
    "missing": "it is missing",
    "missing_argument": "it is missing",
    "extra_forbidden": "there is no such field",
    "unexpected_keyword_argument": "there is no such field",
    "string_type": "it must be a text",
    "string_too_short": "it must have at least {min_length} characters",
    "string_too_long": "it must have at most {max_length} characters",
    "string_pattern_mismatch": "it has not the form {pattern}",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "int_parsing_size": "it is too large a number",
    "int_from_float": "it must be a whole number",
    "float_type": "it must be a number",
    "float_parsing": "it must be a number",
    "finite_number": "it must be a number",
    "bool_type": "it must be true or false",
    "bool_parsing": "it must be true or false",
    "list_type": "it must be a list",
    "too_short": "it must have at least {min_length} entries",
    "too_long": "it must have at most {max_length} entries",
    "literal_error": "it must be one of {expected}",
    "enum": "it must be one of {expected}",
    "greater_than_equal": "it must be at least {ge}",
    "greater_than": "it must be more than {gt}",
    "less_than_equal": "it must be at most {le}",
    "less_than": "it must be less than {lt}",
    "value_error": "{error}",
    **dict.fromkeys(
        ("model_type", "model_attributes_type", "dict_type", "dataclass_type"),
        'it must be a JSON object, like {{"name": "value"}}',
    ),
}


def in_words(error: Mapping[str, Any]) -> str:
    """What is wrong with one field, from what the checker found of it; the checker's own words for rare kinds."""
    try:
        return _PLAIN[error["type"]].format_map(error.get("ctx", {}))
    except KeyError:
        return str(error["msg"])


def field_of(error: Mapping[str, Any], *outer: str) -> str:
    """Which field it is, without the names of what is around all of them; empty for the whole."""
    return ".".join(str(part) for part in error["loc"] if part not in outer)
