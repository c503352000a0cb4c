"""Remembering secrets as they pass, so that nobody tells them."""

from collections.abc import Callable
from dataclasses import dataclass

from ytempire.domain.values import Secret
from ytempire.domain.wire import Answer, Ask, Call, Form, Piece, Stopped
from ytempire.ports import Courier, Google

_SECRET_FIELDS = frozenset(
    {"code", "code_verifier", "client_secret", "refresh_token", "token", "access_token"}
)


@dataclass(frozen=True, slots=True)
class Discreet:
    """`ports.Google`; `saw` is told every secret on its way."""

    google: Google
    saw: Callable[[str], None]

    async def call(self, call: Call, token: Secret) -> Answer:
        self.saw(token.reveal())
        return await self.google.call(call, token)

    async def post(self, form: Form) -> Answer:
        for name in sorted(_SECRET_FIELDS & form.fields.keys()):
            self.saw(form.fields[name])
        return await self.google.post(form)

    async def ask(self, ask: Ask, token: Secret) -> Answer:
        self.saw(token.reveal())
        self.saw(ask.uri)
        return await self.google.ask(ask, token)

    async def send(self, piece: Piece, token: Secret, courier: Courier) -> Answer | Stopped:
        self.saw(token.reveal())
        self.saw(piece.uri)
        return await self.google.send(piece, token, courier)
