"""The models that the local OpenAI offers: prices, limits, and the days on which they are shut down.

Prices of the sixth generation: developers.openai.com/api/docs/pricing, November 2026, without the surcharge for
long prompts; those of older models are the last known. Shutdowns: developers.openai.com/api/docs/deprecations. The
list is a sample, and some days of creation are rough.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from ytempire.emulator.providers.tokens import dollars


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model. Prices are in micro-dollars a million tokens; `reasons` models take no `max_tokens`."""

    id: str
    input: int
    output: int
    longest_prompt: int
    created: date
    shutdown: date | None = None
    reasons: bool = True

    def alive(self, now: datetime) -> bool:
        """Whether it still answers: until the end of the day before its shutdown."""
        return self.shutdown is None or now.date() < self.shutdown

    def listing(self) -> dict[str, object]:
        """The model as the vendor lists it; `shutdown_date` is YYYY-MM-DD or null."""
        born = datetime(self.created.year, self.created.month, self.created.day, tzinfo=UTC)
        return {
            "id": self.id,
            "object": "model",
            "created": int(born.timestamp()),
            "owned_by": "openai",
            "shutdown_date": None if self.shutdown is None else self.shutdown.isoformat(),
        }


def _model(
    name: str, prices: tuple[float, float], prompt: int, created: date, shutdown: date | None
) -> Model:
    old = name.startswith(("gpt-4", "gpt-3"))
    return Model(
        id=name,
        input=dollars(prices[0]),
        output=dollars(prices[1]),
        longest_prompt=prompt,
        created=created,
        shutdown=shutdown,
        reasons=not old,
    )


_GONE = date(2026, 10, 23)
_GPT_5_ENDS = date(2026, 12, 11)
_GPT_4_1_ENDS = date(2027, 1, 14)
MODELS = {
    model.id: model
    for model in (
        _model("gpt-6.1-sol", (2, 10), 922_000, date(2026, 10, 26), None),
        _model("gpt-6.1-terra", (1, 5), 922_000, date(2026, 10, 26), None),
        _model("gpt-6-luna", (0.10, 0.50), 922_000, date(2026, 9, 22), None),
        _model("gpt-5", (1.25, 10), 272_000, date(2025, 8, 7), _GPT_5_ENDS),
        _model("gpt-5-mini", (0.25, 2), 272_000, date(2025, 8, 7), _GPT_5_ENDS),
        _model("gpt-4.1-mini", (0.40, 1.60), 1_047_576, date(2025, 4, 14), _GPT_4_1_ENDS),
        _model("gpt-4o", (2.50, 10), 128_000, date(2024, 5, 13), _GPT_4_1_ENDS),
        _model("gpt-4", (30, 60), 8_192, date(2023, 6, 27), _GONE),
        _model("gpt-3.5-turbo", (0.50, 1.50), 16_385, date(2023, 2, 28), _GONE),
    )
}
