"""The invented state: the same from the same seed, inside the synthetic ranges, and plausible."""

from __future__ import annotations

import re
import time
from collections import Counter
from datetime import date
from statistics import mean

import pytest

from openclets.adapters.synthetic.systems import system_row
from openclets.demo.world import Size, World, make_world
from openclets.demo.world.agencies import make_precincts, make_terminals
from openclets.demo.world.names import load_names
from openclets.demo.world.numbers import check_digit, vin
from openclets.demo.world.records import LOCAL_SYSTEMS, NATIONAL_SYSTEMS, neighbour_systems
from openclets.records.answer import Record

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world("small", 1, TODAY)


@pytest.fixture(scope="module")
def records(world: World) -> list[tuple[str, Record]]:
    return list(world.records())


# Where a value of an invented record may lie (messages.md 10). A lint that a new field must pass.
RANGES = {
    "LIC": r"0[A-Z0-9]{5,6}",
    "VIN": r"1SY[A-HJ-NPR-Z0-9]{14}",
    "OLN": r"Q0\d{6}",
    "ORI": r"(CA|NV|OR|AZ)9[A-Z0-9]{6}",
    "CTI": r"CA9\d{5}[A-Z0-9]",
    "SOC": r"000\d{6}",
    "FBI": r"9900[A-Z]\d{4}",
    "SID": r"(CA|NV|OR|AZ)99\d{6}",
    "NIC": r"[ABCGHJMPSTUVWX]99\d{7}",
    "REG": r"(CF9\d{3}[A-Z][A-Z]|(SN|OH)9\d{5})",
    "BHN": r"SYN[A-HJ-NPR-Z0-9]{5}[A-L]\d{3}",
    "ADR": r"\d+ ([NS] )?EXAMPLE (ST|AV|RD|LN|DR|CT|WY|PL)",
    "ZIP": r"90000",
    "CCD": r"9\d\d",
    "CTY": r".*(SYNTH|EXAMPLE|SAMPLE|COLLEGE PARK).*",
    "WNO": r"SYN\d\d-\d{5}",
    "SER": r"SYN\d{7}",
    "CIT": r"SYN\d{7}",
}
DATES = {"DOB", "PPB", "RVF", "RVT", "RCD", "OCD", "ISD", "EXP", "DOW", "DOT", "DTE", "SVD"}


def out_of_range(code: str, value: str) -> bool:
    if code in {"NAM", "PPN", "AKA"}:
        surname, given = value.split(",", 1)
        names = load_names()
        return surname not in names.all_surnames or given.split()[0] not in names.all_given or len(value) > 30
    if code in DATES:
        return not re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", value)
    return code in RANGES and not re.fullmatch(RANGES[code], value)


def test_every_value_lies_in_the_synthetic_ranges(records: list[tuple[str, Record]]) -> None:
    """Nothing invented may be taken for a real person, plate, number or place."""
    wrong = {
        (system, code, value)
        for system, record in records
        for code, held in [*record.facts.items(), *record.identifiers.items()]
        for value in (held if isinstance(held, list) else [held])
        if out_of_range(code, value)
    }
    assert wrong == set()


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("LIC", "7ABC123"),
        ("OLN", "A1234567"),
        ("NAM", "PUBLIC,JOHN"),
        ("ADR", "1600 PENNSYLVANIA AV"),
        ("ZIP", "90210"),
    ],
)
def test_the_lint_sees_a_real_looking_value(code: str, value: str) -> None:
    """The guard above, shown red."""
    assert out_of_range(code, value)


def test_directory_rows_lie_in_the_synthetic_ranges(world: World) -> None:
    """Agencies use counties 900 to 999, and every terminal and operator belongs to one of them."""
    oris = {agency.ori for agency in world.agencies}
    assert all(re.fullmatch(r"CA9\d{2}[A-Z0-9]{4}", ori) for ori in oris)
    assert {terminal.agency_ori for terminal in world.terminals} == oris
    assert {operator.agency_ori for operator in world.operators} == oris
    assert all(re.fullmatch(r"[A-Z0-9]{4,8}", terminal.mnemonic) for terminal in world.terminals)
    assert all(re.fullmatch(r"[A-Z0-9.]{4,15}", operator.id) for operator in world.operators)


def test_every_vehicle_number_has_a_valid_check_digit(world: World) -> None:
    """49 CFR 565.15, and the vectors of messages.md 3.3."""
    assert check_digit("1SYNC2D44KP000417") == "4"
    assert check_digit("1M8GDM9AXKP042788") == "X"
    made = vin("NC2D4", 2019, 417)
    assert (made[:8], made[9]) == ("1SYNC2D4", "K")
    assert all(car.vin[8] == check_digit(car.vin) for car in world.vehicles)


def test_equal_arguments_make_equal_worlds(world: World) -> None:
    """Reproducible by seed, in every table; another seed makes another state."""
    small = Size(agencies=8, operators=50, persons=1_500, days=3)
    assert make_world(small, 7, TODAY) == make_world(small, 7, TODAY)
    assert make_world(small, 7, TODAY).persons != make_world(small, 8, TODAY).persons


def test_more_people_leave_the_first_ones_as_they_were() -> None:
    """Each table has its own stream of chance, so a larger state begins like a smaller one."""
    few, many = (make_world(Size(8, 50, persons, 3), 7, TODAY) for persons in (1_500, 3_000))
    assert many.persons[:1_000] == few.persons[:1_000]


def test_making_the_small_state_takes_seconds() -> None:
    """`make run` waits for it: three seconds with all records."""
    # Processor time, so that a busy machine does not decide; twice the mark, so that only a slow-down does.
    began = time.process_time()
    count = sum(1 for _ in make_world("small", 2, TODAY).records())
    assert count > 40_000
    assert time.process_time() - began < 6.0


def test_every_record_is_of_a_kind_its_system_keeps(records: list[tuple[str, Record]]) -> None:
    """The record systems refuse a record they would not know how to print."""
    assert {system for system, _ in records} == {
        *LOCAL_SYSTEMS,
        *NATIONAL_SYSTEMS,
        *(name for state in ("NV", "OR", "AZ") for name in neighbour_systems(state)),
    }
    assert all(record.kind in system_row(system).kinds for system, record in records)
    references = Counter((system, record.ref) for system, record in records)
    assert max(references.values()) == 1


def test_every_subject_of_a_record_is_a_person(world: World, records: list[tuple[str, Record]]) -> None:
    """Detection joins by these references; one that leads nowhere would hide a person."""
    states = (world.neighbour, *world.further.values())
    known = {person.id for person in (*world.persons, *(p for state in states for p in state.persons))}
    # Whom nobody has identified has a reference of their own, and a gang is no person.
    known |= {
        record.subjects[0].ref
        for _, record in records
        if record.kind in ("unidentified_person", "gang_group")
    }
    assert all(record.subjects for _, record in records)
    assert {subject.ref for _, record in records for subject in record.subjects} <= known


def test_numbers_are_given_once(world: World) -> None:
    """Two cars with one plate, or two people with one licence, would make a look-up ambiguous."""
    for numbers in (
        [car.plate for car in (*world.vehicles, *world.neighbour.vehicles)],
        [car.vin for car in world.vehicles],
        [licence.number for licence in (*world.licences, *world.neighbour.licences)],
        [boat.registration for boat in world.vessels],
        [other.registration for other in world.off_highway],
        [order.number for order in world.orders],
        [citation.number for citation in world.citations],
    ):
        assert len(numbers) == len(set(numbers)) > 0


def test_the_small_state_has_one_of_every_kind_of_agency(world: World) -> None:
    """Police twice, and a federal branch whose agreement has lapsed."""
    kinds = Counter(agency.kind for agency in world.agencies)
    assert kinds == {
        "police": 2,
        "sheriff": 1,
        "campus": 1,
        "probation": 1,
        "prosecutor": 1,
        "state": 1,
        "federal": 1,
    }
    for agency in world.agencies:
        assert agency.agreement_until is not None
        assert (agency.agreement_until >= TODAY) == (agency.kind != "federal")


def test_the_operators_are_as_the_rules_need_them(world: World) -> None:
    """One suspended, one with lapsed training, one machine, one exempt from quotas; the others may work."""
    operators = world.operators
    assert len(operators) == 50 and len({operator.id for operator in operators}) == 50
    assert [operator.suspended for operator in operators].count(True) == 1
    assert sum(operator.training_until < TODAY for operator in operators) == 1
    assert [operator.role for operator in operators].count("machine") == 1
    assert [operator.id for operator in operators if operator.quota_exempt] == ["LOAD0001"]
    assert {operator.role for operator in operators} == {
        "officer",
        "dispatcher",
        "detective",
        "records_clerk",
        "coordinator",
        "machine",
    }


def test_every_operator_is_a_person_with_a_licence_and_a_plate(world: World) -> None:
    """So that a look-up of oneself can be refused (decisions.md 10)."""
    terminals = {terminal.mnemonic: terminal.agency_ori for terminal in world.terminals}
    for posting in world.postings:
        assert terminals[posting.terminal] == posting.operator.agency_ori
        if posting.person is None:
            continue
        own = world.identifiers_of(posting.person)
        assert own.name and own.dob and own.licence and own.plates and own.vins
        assert {kind for kind, _ in own.pairs()} >= {"NAM+DOB", "OLN", "LIC", "VIN"}
        assert 24 <= world.persons[posting.person].age(TODAY) <= 58


def test_plates_for_load_tests_are_nobodys_own(world: World) -> None:
    """A load test must not run into the own-record rule."""
    plates = set(world.plates())
    for posting in world.postings:
        if posting.person is not None:
            for person in (posting.person, *posting.ties):
                assert not plates & set(world.identifiers_of(person).plates)
    assert len(plates) > 15_000


def test_households_are_plausible(world: World) -> None:
    """Sizes, ages and surnames as a real state would have them, within wide bounds."""
    assert len(world.persons) == 20_000
    assert 2.3 < len(world.persons) / len(world.households) < 3.2
    ages = [person.age(TODAY) for person in world.persons]
    assert 33 < mean(ages) < 44 and min(ages) == 0 and max(ages) <= 99
    assert 0.18 < sum(age < 18 for age in ages) / len(ages) < 0.30
    assert 0.47 < sum(person.sex == "F" for person in world.persons) / len(ages) < 0.53
    for home in world.households:
        members = [world.persons[place] for place in home.members]
        head = members[0]
        assert all(member.household == head.household for member in members)
        for child in (member for member in members if member.place == "child"):
            assert head.age(TODAY) - child.age(TODAY) >= 17
    addresses = Counter((home.street, home.city, home.county) for home in world.households)
    assert max(addresses.values()) == 1


def test_few_surnames_are_common_and_most_are_rare(world: World) -> None:
    """A realistic skew, and the names that careless software stumbles over are all there."""
    surnames = Counter(person.surname for person in world.persons)
    assert 0.015 < surnames.most_common(1)[0][1] / len(world.persons) < 0.05
    assert len(surnames) > 200
    assert {"O'BRIEN", "GARCIA", "NULL", "VANCE", "DOE", "DE LA CRUZ", "SMITH-JONES"} <= set(surnames)


def test_what_people_own_and_owe_is_plausible(world: World) -> None:
    """Shares of vehicles, licences, histories, warrants and orders, within wide bounds."""
    adults = sum(person.age(TODAY) >= 18 for person in world.persons)
    assert 0.9 < len(world.vehicles) / adults < 1.5
    assert 0.8 < len(world.licences) / adults < 1.1
    assert 0.05 < len(world.histories) / adults < 0.15
    assert 0.005 < len(world.warrants) / len(world.persons) < 0.02
    assert 0.004 < len(world.orders) / len(world.persons) < 0.01
    assert len(world.vessels) > 100 and len(world.off_highway) > 100 and len(world.firearms) > 500
    assert any(order.expires < TODAY for order in world.orders)
    assert any(order.served is None for order in world.orders)


def test_nothing_on_record_lies_in_the_future(world: World) -> None:
    """A date of birth, of a theft, of a warrant or of an order after today would be refused at every door."""
    today = f"{TODAY:%Y%m%d}"
    assert all(person.dob <= today for person in world.persons)
    assert all(theft.on <= TODAY for theft in world.thefts)
    assert all(warrant.issued <= TODAY for warrant in world.warrants)
    assert all(order.issued <= TODAY for order in world.orders)
    assert all(citation.on <= TODAY for citation in world.citations)
    assert all(arrest.on <= TODAY for history in world.histories for arrest in history.arrests)


def test_a_larger_state_has_agencies_and_staff_as_asked() -> None:
    """Size is a parameter: counties, agencies and operators grow, ORIs stay distinct."""
    size = Size(agencies=40, operators=600, persons=4_000, days=3)
    large = make_world(size, 3, TODAY)
    assert len(large.agencies) == 40 == len({agency.ori for agency in large.agencies})
    assert 500 < len(large.operators) < 700
    assert len({operator.id for operator in large.operators}) == len(large.operators)
    assert all(re.fullmatch(r"CA9\d{2}[A-Z0-9]{4}", agency.ori) for agency in large.agencies)
    assert all(re.fullmatch(r"[A-Z0-9]{4,8}", terminal.mnemonic) for terminal in large.terminals)


def test_the_largest_state_still_has_distinct_and_well_formed_addresses() -> None:
    """Hundreds of agencies, some with hundreds of officers: ORIs and mnemonics keep their form."""
    precincts = make_precincts(3, Size(agencies=900, operators=60_000, persons=1_000_000, days=1), TODAY)
    terminals = make_terminals(precincts)
    assert len({precinct.agency.ori for precinct in precincts}) == 900
    assert all(re.fullmatch(r"CA9\d{2}[A-Z0-9]{4}", precinct.agency.ori) for precinct in precincts)
    assert len({terminal.mnemonic for terminal in terminals}) == len(terminals)
    assert all(re.fullmatch(r"[A-Z0-9]{4,8}", terminal.mnemonic) for terminal in terminals)


def test_an_unknown_size_is_a_key_error() -> None:
    """Settings close the set; a slip in code must not make some other state."""
    with pytest.raises(KeyError):
        make_world("medium", 1, TODAY)
