"""The tokens for the API of an installation."""

from ytempire.bootstrap.house import Reading
from ytempire.services.api_tokens import ApiTokens


def api_tokens(house: Reading) -> ApiTokens:
    """Tokens for the accounts of the configuration."""
    known = frozenset(each.id for each in house.settings.accounts)
    return ApiTokens(house.store, house.clock, known)
