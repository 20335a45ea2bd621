"""One inquiry from receipt to reply, as docs/lives/inquiry.md tells it.

Nothing is asked before the intent is durable (commit point 1); nothing leaves before the reply is
(commit point 2). Each step is a room of its own; this page only walks through them.
"""

from __future__ import annotations

from typing import NoReturn

from openclets.foundation.errors import Refused
from openclets.switch import late
from openclets.switch.admission import Place
from openclets.switch.claim import claim
from openclets.switch.entitlement import stand, stand_still
from openclets.switch.inquiry import RawInquiry, Sender
from openclets.switch.network import Network
from openclets.switch.passage import open_passage
from openclets.switch.receive import receive
from openclets.switch.release import ask, assemble, enter_intent, enter_reply, follow_leads
from openclets.switch.reply import ReleasedReply
from openclets.switch.ruling import rule
from openclets.switch.undertaking import Undertaking


async def process_inquiry(raw: RawInquiry, sender: Sender, network: Network) -> ReleasedReply:
    """Carry one inquiry from receipt to reply.

    Raises BadInput (not understood) and Refused (by standing, by a rule, by a quota, by its
    idempotency key), each with the receipt of its entry; Unavailable when the directory or the
    journal is, and then nothing was asked, or nothing left; or when the switch is full (`SWITCH_BUSY`), and
    then nothing was read.
    """
    # 0 admit: bounded work, officer safety first.
    place = await network.admission.place_for(raw, sender, network.directory.current())
    try:
        return await _carry(raw, sender, network, place)
    finally:
        place.leave()


async def _carry(raw: RawInquiry, sender: Sender, network: Network, place: Place) -> ReleasedReply:
    passage = open_passage(raw, sender, network)

    # 1 receive: the vocabulary reads it, or names every fault; a key used before leads to the reply it had.
    try:
        inquiry = receive(raw, sender, network.vocabulary, passage.asked_at.date())
        earlier = await claim(raw, inquiry, passage)
    except Refused as refused:
        await passage.refuse_unread(refused)
    if earlier is not None:
        return await network.rereading.again(earlier, sender, "by idempotency key")

    # 2 stand, 3 decide: pure functions over the directory's view and the rule set; a refusal is an entry.
    entitled = await stand(inquiry, passage)
    ruling = await rule(inquiry, entitled, passage)

    async with Undertaking(entitled.names, network) as undertaking:
        # 4 Commit point 1: from here the journal shows what is asked and why, whatever happens next.
        intent = await enter_intent(inquiry, entitled, ruling, passage)
        await stand_still(inquiry, entitled, passage, ())

        # 5 route and ask: no record system takes a message without the receipt of its intent.
        # What an answer leads to (a plate to its owner) is decided and entered before it is asked as well.
        asking = undertaking.begin(ask(inquiry, ruling, intent, passage))
        with place.aside():
            ruling = await follow_leads(inquiry, entitled, ruling, asking, passage)

        # 6 assemble: what the purpose does not entitle to is withheld and said so; banners come from codes.
        answered = await assemble(inquiry, entitled, ruling, asking, passage)
        await stand_still(inquiry, entitled, passage, answered.reply.legs)

        # 7 Commit point 2: the reply as shown is durable before anybody sees it.
        released = await enter_reply(answered, intent, entitled, passage)

    # 8 release; legs still out are followed to their end, each arrival an entry of its own.
    if not answered.reply.final:
        outstanding = late.Outstanding(inquiry, entitled, ruling, asking, intent, released, passage)
        late.follow(outstanding, place.keep())
    return released


async def refuse_unread(refused: Refused, raw: RawInquiry, sender: Sender, network: Network) -> NoReturn:
    """Enter the refusal of something an authenticated sender sent that is no inquiry; raise it with
    its receipt.
    """
    await open_passage(raw, sender, network).refuse_unread(refused)
