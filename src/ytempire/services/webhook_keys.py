"""Secrets of webhooks: made, sealed, and opened to sign. Each opening is written down before it happens."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ytempire.domain.audit import Use
from ytempire.domain.values import Mendable, Secret
from ytempire.domain.webhooks import SECRET_BYTES, secret_text
from ytempire.ports import Hook, HookSecret, SealedField
from ytempire.services.context import Context
from ytempire.services.safe import Safe


@dataclass(frozen=True, slots=True)
class WebhookKeys:
    """Opens each sealed secret once and remembers it while it is in use."""

    context: Context
    safe: Safe
    _opened: dict[str, Secret] = field(default_factory=dict, repr=False)

    def made(self, name: str) -> tuple[Secret, HookSecret]:
        """A new secret for a receiver, and what is stored of it. Raises `Mendable` when no key can be had."""
        context = self.context
        secret = secret_text(context.clock.new_secret(SECRET_BYTES))
        sealed = context.vault.seal(name, SealedField.WEBHOOK, secret.reveal().encode())
        return secret, HookSecret(sealed, context.vault.key_of(sealed), context.clock.now())

    async def signing(self, hook: Hook) -> Sequence[Secret]:
        """The secrets that sign for a receiver now. Raises `Mendable` when one cannot be opened, or there is none:
        nothing is sent unsigned.
        """
        if not hook.secrets:
            raise Mendable(
                f"the webhook {hook.name} has no secret; `ytempire webhook rotate {hook.name}` makes one"
            )
        known = {each.sealed: self._opened.get(each.sealed) for each in hook.secrets}
        if None in known.values():
            await self.safe.note(Use.OPENED, None, f"secret of the webhook {hook.name}")
        found = [known[each.sealed] or self._open(hook.name, each) for each in hook.secrets]
        return tuple(found)

    def _open(self, name: str, secret: HookSecret) -> Secret:
        plain = self.context.vault.open(name, SealedField.WEBHOOK, secret.sealed)
        opened = self._opened[secret.sealed] = Secret(plain.decode())
        return opened
