"""What a caller for some accounts may do with a publication: nothing after which it could land on another account."""

from collections.abc import Iterable

from ytempire.domain.accounts import Account
from ytempire.domain.inbox import Certainty, certainty
from ytempire.domain.publication import Publication, Target
from ytempire.domain.values import AccountId

Scope = frozenset[AccountId]
"""The accounts that a caller is for."""


def confined(target: Target, scope: Scope, accounts: Iterable[Account]) -> bool:
    """Can what is wanted for this target only land on accounts of the scope? The pool never is confined, for an
    account may be added to it; a group is when it has members and all of them are in the scope.
    """
    if target.account is not None:
        return target.account in scope
    members = {each.id for each in accounts if target.group is not None and target.group in each.groups}
    return bool(members) and members <= scope


def stays(publication: Publication, scope: Scope) -> bool:
    """Is it on an account of the scope for good? A video of it exists there, or may."""
    return publication.account in scope and certainty(publication) is not Certainty.NO_VIDEO
