"""Every example of demo.json, carried through the vocabulary, the rules, the routes and the record systems'
own rules."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache

import pytest

from openclets.adapters.synthetic.answering import answer
from openclets.adapters.synthetic.keys import keys_for, search_keys
from openclets.adapters.synthetic.systems import system_row
from openclets.adapters.synthetic.texts.printing import Moment
from openclets.demo.examples import Example, make_examples
from openclets.demo.world import World, make_world
from openclets.demo.world.police_work import PoliceWork
from openclets.directory.identity import digests_in, identifier_digest
from openclets.journal.entry import Receipt
from openclets.messages.vocabulary import load
from openclets.policy.decide import decide
from openclets.policy.decision import Decision, PolicyRequest
from openclets.policy.reason import classify_reason
from openclets.policy.ruleset import RuleSet, load_ruleset
from openclets.records.answer import Answer, LegState, Record
from openclets.records.query import Asker, Query
from openclets.switch.inquiry import Inquiry, RawInquiry, Sender
from openclets.switch.receive import receive
from openclets.switch.routing import PlannedLeg, load_routes

TODAY = date(2026, 11, 22)
KEY = b"k" * 32
MOMENT = Moment("20261122", "DATE:11/22/26 TIME:09:00")
WORLD = make_world("small", 1, TODAY)
EXAMPLES = make_examples(WORLD, TODAY)
NAMED = {
    "plate", "driver", "vessel", "snowmobile", "parking_citations", "restraining_order_filed_by",
    "restraining_order_filed_against", "criminal_history", "wanted_person", "stolen_plate",
    "national_wanted_person", "other_state_plate", "own_record", "load",
}  # fmt: skip
FOUND = {
    "plate": ("dmv.vehicle", LegState.RECORD),
    "driver": ("dmv.driver", LegState.RECORD),
    "vessel": ("dmv.vessel", LegState.RECORD),
    "snowmobile": ("dmv.off_highway", LegState.RECORD),
    "parking_citations": ("dmv.parking", LegState.RECORD),
    "restraining_order_filed_by": ("doj.restraining_order", LegState.HIT),
    "restraining_order_filed_against": ("doj.restraining_order", LegState.HIT),
    "criminal_history": ("doj.criminal_history", LegState.RECORD),
    "criminal_history_full": ("doj.criminal_history", LegState.RECORD),
    "wanted_person": ("doj.wanted_person", LegState.HIT),
    "stolen_plate": ("doj.stolen_vehicle", LegState.HIT),
    "national_wanted_person": ("ncic.wanted_person", LegState.HIT),
    "other_state_plate": ("nv.vehicle", LegState.RECORD),
    "plate_composite": ("dmv.vehicle", LegState.RECORD),
    "firearm": ("doj.firearm", LegState.RECORD),
    "traffic_stop": ("dmv.vehicle", LegState.RECORD),
    "driver_history": ("dmv.driver_history", LegState.RECORD),
    "missing_person": ("doj.missing_person", LegState.HIT),
    "supervised_release": ("doj.supervised_release", LegState.HIT),
    "registrant": ("doj.registrant", LegState.RECORD),
    "stolen_gun": ("doj.stolen_firearm", LegState.HIT),
    "stolen_article": ("doj.article", LegState.HIT),
    "stolen_boat": ("doj.boat", LegState.HIT),
    "load": ("dmv.vehicle", LegState.RECORD),
}


@cache
def filed() -> dict[tuple[str, str], list[Record]]:
    """The record systems' index, in memory."""
    index: dict[tuple[str, str], list[Record]] = {}
    for system, record in WORLD.records():
        for key in search_keys(system, record):
            index.setdefault((system, key), []).append(record)
    return index


def read(example: Example) -> Inquiry:
    posting = WORLD.posting(example.operator)
    found = {**example.as_json()}
    found.pop("operator")
    sender = Sender(example.operator, posting.terminal)
    return receive(RawInquiry(**found), sender, load(), TODAY)  # type: ignore[arg-type]


def plan(inquiry: Inquiry) -> tuple[tuple[PlannedLeg, ...], bool]:
    planned = load_routes().plan(inquiry.key, inquiry.fields, inquiry.destinations)
    return planned.legs, planned.sweep


def asked(inquiry: Inquiry, leg: PlannedLeg, *, sweep: bool) -> Answer:
    ori = WORLD.posting(inquiry.operator_id).operator.agency_ori
    asker = Asker(ori, inquiry.operator_id, inquiry.terminal_id, inquiry.attention, inquiry.purpose_code)
    receipt = Receipt("test", 0, "", "", "")
    query = Query("T", leg.system, leg.message_key, inquiry.fields, asker, receipt, 5.0, sweep)
    row = system_row(leg.system)
    records = {
        record.ref: record for key in keys_for(row, query) for record in filed().get((leg.system, key), ())
    }
    return answer(row, query, records.values(), MOMENT)


def decided(inquiry: Inquiry, leg: PlannedLeg, ruleset: RuleSet) -> Decision:
    posting = WORLD.posting(inquiry.operator_id)
    agency = WORLD.precincts[posting.precinct].agency
    terminal = next(each for each in WORLD.terminals if each.mnemonic == inquiry.terminal_id)
    words = classify_reason(inquiry.reason)
    own = WORLD.identifiers_of(posting.person).pairs() if posting.person is not None else ()
    ties = [pair for person in posting.ties for pair in WORLD.identifiers_of(person).pairs()]
    named = digests_in(inquiry.fields, KEY)
    return decide(
        PolicyRequest(
            operator_id=inquiry.operator_id,
            operator_role=posting.operator.role,
            agency_ori=agency.ori,
            agency_kind=agency.kind,
            agency_class=agency.ori[-1],
            agreement_current=agency.agreement_until is not None and agency.agreement_until >= TODAY,
            training_days_left=(posting.operator.training_until - TODAY).days,
            terminal_kind=terminal.kind,
            message_key=leg.message_key,
            record_class=leg.record_class,
            purpose_code=inquiry.purpose_code,
            reason=inquiry.reason,
            reason_owed=False,
            has_incident=bool(inquiry.incident),
            has_attention=bool(inquiry.attention),
            on_behalf_of="",
            immigration_purpose=words.immigration,
            concealed_carry_purpose=words.concealed_carry,
            own_record=bool(named & {identifier_digest(KEY, *pair) for pair in own}),
            declared_tie=bool(named & {identifier_digest(KEY, *pair) for pair in ties}),
        ),
        ruleset,
    )


def test_every_name_that_was_promised_is_there() -> None:
    """interfaces.md 2 names the examples that others rely on."""
    assert set(EXAMPLES) >= NAMED


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_reads_without_fault_or_warning(name: str) -> None:
    """The vocabulary takes it as it is typed."""
    inquiry = read(EXAMPLES[name])
    assert inquiry.warnings == ()
    assert inquiry.fields.items() >= EXAMPLES[name].fields.items()


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_rules_permit_every_leg_of_an_example_but_ones_own_record(name: str) -> None:
    """Its operator, terminal and agency may ask it; `own_record` names the rule that refuses it."""
    inquiry = read(EXAMPLES[name])
    ruleset = load_ruleset()
    decisions = [decided(inquiry, leg, ruleset) for leg in plan(inquiry)[0]]
    if name == "own_record":
        assert not any(decision.permitted for decision in decisions)
        assert {rule.id for decision in decisions for rule in decision.rules} == {"own-record"}
    else:
        assert all(decision.permitted for decision in decisions), [d.rules for d in decisions]


@pytest.mark.parametrize("name", sorted(FOUND))
def test_an_example_finds_its_record(name: str) -> None:
    """The system named answers with the state named, by its own matching rules."""
    system, state = FOUND[name]
    inquiry = read(EXAMPLES[name])
    legs, sweep = plan(inquiry)
    answers = {leg.system: asked(inquiry, leg, sweep=sweep) for leg in legs}
    assert answers[system].state is state
    assert answers[system].text


def test_the_national_wanted_person_is_found_only_nationally() -> None:
    """It shows that a silent national system costs something."""
    inquiry = read(EXAMPLES["national_wanted_person"])
    legs, sweep = plan(inquiry)
    hits = {leg.system for leg in legs if asked(inquiry, leg, sweep=sweep).state is LegState.HIT}
    assert hits == {"ncic.wanted_person"}


def test_the_parking_example_owes_more_than_one_citation() -> None:
    """A list, not a single line."""
    inquiry = read(EXAMPLES["parking_citations"])
    (leg,), sweep = plan(inquiry)
    assert len(asked(inquiry, leg, sweep=sweep).records) >= 2


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_incident_an_example_names_is_open_that_day(name: str) -> None:
    """It is the standing incident of the operator's agency, which the dispatch process keeps open."""
    posting = WORLD.posting(EXAMPLES[name].operator)
    standing = PoliceWork(WORLD).standing(WORLD.precincts[posting.precinct], TODAY)
    assert standing is not None and standing.number == EXAMPLES[name].incident
    assert standing.opened <= datetime(2026, 11, 22, 9, tzinfo=UTC) < standing.closed
    assert re.fullmatch(r"[A-Z0-9-]{1,20}", standing.number)


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_other_states_have_their_examples_too(seed: int) -> None:
    """A seed of one's own choosing still gives a demo that works, on a later day as well."""
    world: World = make_world("small", seed, TODAY)
    assert set(make_examples(world, date(2027, 2, 1))) == set(EXAMPLES)
