"""Telling YouTube something else about a video that is published: one look at it, one update, one event.

Nothing is tried again by itself: whoever changed a title sees at once whether it was taken, and the same change twice
does no harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from ytempire.domain.amendment import Amendment, snippet, wrong
from ytempire.domain.calls import list_videos, update_video
from ytempire.domain.events import Kind
from ytempire.domain.faults import Fault, Remedy
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Method
from ytempire.domain.scope import Scope
from ytempire.domain.values import AccountId, ProjectId, PublicationId, Refusal, Refused, Unanswered, VideoId
from ytempire.ports import Settlement
from ytempire.services import blame
from ytempire.services.context import Context
from ytempire.services.gateway import Gateway
from ytempire.services.operate import changed_meanwhile
from ytempire.services.settle import told
from ytempire.services.witness import witnessed


@dataclass(frozen=True, slots=True)
class Amending:
    """Changes published videos. Raises `Refused` for what is not possible, `Unanswered` when it was not done."""

    context: Context
    gateway: Gateway
    scope: Scope | None = None

    async def amend(
        self, which: PublicationId, amendment: Amendment, *, seen: int | None = None
    ) -> Publication:
        """Changes the video of a publication. What was asked for at its submission stays on record as it was.

        `seen`, and `scope`: as in `Operating`.
        """
        publication = await self.context.store.publication(which)
        if publication is None:
            raise _refused("publication_unknown", f"there is no {which}", "see `ytempire jobs list`")
        if seen is not None and publication.version != seen:
            raise changed_meanwhile(which)
        account, video = publication.account, publication.video_id
        if publication.state is not State.PUBLISHED or account is None or video is None:
            message = f"{which} is {publication.state}, and only the video of a published one can be changed"
            raise _refused("not_possible", message, f"see `ytempire jobs show {which}`")
        if self.scope is not None and account not in self.scope:
            raise _refused("accounts_only", f"{which} is on an account of somebody else", "ask them")
        if account not in self.context.projects:
            message = f"its account {account} is not configured any more"
            raise _refused("not_possible", message, "add it to the configuration again")
        problems = wrong(amendment, self.context.clock.now())
        if problems:
            raise Refused(*problems)
        await self._update(publication, account, await self._current(publication, account, video), amendment)
        now = self.context.clock.now()
        event = told(publication, Kind.AMENDED, now, amendment.named() | {"by": self.context.actor})
        await self.context.store.record((event,))
        return publication

    async def _current(
        self, publication: Publication, account: AccountId, video: VideoId
    ) -> Mapping[str, Any]:
        """The video as YouTube has it now."""
        call = list_videos([video], parts="snippet")
        found = await self.gateway.listed(account, Method.VIDEOS_LIST, call, publication.id)
        if isinstance(found, Fault):
            await self._failed(publication, found, Method.VIDEOS_LIST)
        if not found or not isinstance(found[0].get("snippet"), Mapping):
            raise _refused("video_gone", f"YouTube has no video {video}", "look for it in YouTube Studio")
        return found[0]

    async def _update(
        self,
        publication: Publication,
        account: AccountId,
        current: Mapping[str, Any],
        amendment: Amendment,
    ) -> None:
        call = update_video(current, {"snippet": snippet(amendment)})
        answer = await self.gateway.call(account, Method.VIDEOS_UPDATE, call, publication.id)
        if isinstance(answer, Fault):
            await self._failed(publication, answer, Method.VIDEOS_UPDATE)

    async def _failed(self, publication: Publication, fault: Fault, method: Method) -> NoReturn:
        """Writes down what the fault means for its bucket and its account, and tells it."""
        now = self.context.clock.now()
        profile = self.context.profiles.get(publication.project or ProjectId(""))
        events = witnessed(fault, publication, now)
        current = await self.context.store.publication(publication.id)
        if current is None or current.passes:
            # Whoever tries its extras now could not write down what came of it.
            await self.context.store.record(events)
        else:
            seen = Settlement(replace(current, updated_at=now), events)
            await self.context.store.settle(blame.applied(seen, fault, profile, method))
        raise _answer(publication, fault)


def _answer(publication: Publication, fault: Fault) -> Refused | Unanswered:
    """What whoever wanted the change is told: what they can do about it."""
    video, why = publication.video_id, f"{fault.code}: {fault.detail}"
    match fault.remedy:
        case Remedy.CLOSE_BUCKET:
            return _refused(
                "out_of_quota",
                f"{video} is not changed ({why})",
                "try again after the reset: `ytempire quota`",
            )
        case Remedy.REAUTHORISE | Remedy.DISABLE_ACCOUNT:
            remedy = f"run `ytempire connect {publication.account}`, then try again"
            return _refused("not_connected", f"{video} is not changed ({why})", remedy)
        case Remedy.REFUSE | Remedy.CONFIGURE | Remedy.SKIP_EXTRA | Remedy.REVIEW:
            message = f"YouTube does not take this change of {video} ({why})"
            return _refused("not_taken", message, "change what it names; nothing else was changed")
        case _:
            message = f"YouTube did not say that {video} is changed ({why})"
            return Unanswered(f"{message}; try again, the same change twice does no harm")


def _refused(code: str, message: str, remedy: str) -> Refused:
    return Refused(Refusal("publication", code, message, remedy))
