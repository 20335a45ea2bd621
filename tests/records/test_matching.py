"""Whether a record is the one asked for: messages.md 7, both sides of each boundary on one set-up."""

from __future__ import annotations

import pytest

from adapters.samples import history, order, vehicle, wanted
from openclets.foundation.errors import BrokenInvariant
from openclets.records.matching import identifier, match_identifier, match_person, name_rule

HOT, INDEX, REGISTER = name_rule("hot_person"), name_rule("index"), name_rule("register")


def person(rule, record=None, **fields):  # type: ignore[no-untyped-def]
    asked = {"NAM": "DOE,SAM", "DOB": "19790101", **fields}
    return match_person(asked, "NAM", "DOB", record or wanted(), rule)


def test_a_hot_file_takes_the_birth_date_exactly_unless_asked_wider() -> None:
    """DOB exact by default; one year either way with EBS/1 [found]; never two."""
    assert person(HOT).words == "name exact, DOB exact"
    assert person(HOT, DOB="19780101") is None
    assert person(HOT, DOB="19780101", EBS="1").words == "name exact, DOB month and day exact, year +1"
    assert person(HOT, DOB="19800101", EBS="1").words == "name exact, DOB month and day exact, year -1"
    assert person(HOT, DOB="19770101", EBS="1") is None
    assert person(HOT, DOB="19790102", EBS="1") is None


def test_the_index_takes_three_years_either_way_with_month_and_day_exact() -> None:
    """III: soundex, month and day exact, year within three [found]."""
    assert person(INDEX, history(), DOB="19760101") is not None
    assert person(INDEX, history(), DOB="19820101") is not None
    assert person(INDEX, history(), DOB="19750101") is None
    assert person(INDEX, history(), DOB="19790201") is None


def test_a_surname_matches_by_sound_and_says_so() -> None:
    """The answer tells a phonetic match from an exact one; the given initial must agree."""
    assert person(HOT, NAM="DOWE,SAM").words == "name (phonetic), DOB exact"
    assert person(HOT, NAM="DOWE,SUSAN").words == "name (phonetic), DOB exact"
    assert person(HOT, NAM="DOWE,PAT") is None
    assert person(HOT, NAM="DOE,S").words == "name (initial), DOB exact"
    assert person(HOT, NAM="VANCE,SAM") is None


def test_an_alias_is_as_good_as_a_name_and_is_named_as_one() -> None:
    """Aliases are equal names (messages.md 7)."""
    record = wanted(AKA=["ROE,SAMMY", "POE,SAM"])

    assert person(HOT, record, NAM="POE,SAM").words == "alias exact, DOB exact"
    assert person(HOT, record, NAM="SYNTHE,SAM") is None


def test_an_apostrophe_or_hyphen_makes_no_difference() -> None:
    """O'BRIEN, OBRIEN and O BRIEN are one name."""
    record = wanted(NAM="O'BRIEN-VANCE,SAM")

    for name in ("OBRIENVANCE,SAM", "O BRIEN VANCE,SAM", "O'BRIEN VANCE,SAM", "VANCE,SAM"):
        assert person(HOT, record, NAM=name).words == "name exact, DOB exact"


@pytest.mark.parametrize(
    ("asked", "found"),
    [("A", "ABIUW"), ("I", "ABIUW"), ("U", "ABIUW"), ("B", "ABIU"), ("W", "AIUW")],
)
def test_the_race_matrix_decides_whom_a_hot_file_gives(asked: str, found: str) -> None:
    """Asked A, I or U searches all; B all but W; W all but B [found]."""
    assert "".join(race for race in "ABIUW" if person(HOT, wanted(RAC=race), RAC=asked)) == found


def test_the_index_takes_race_exactly_unless_it_is_unknown() -> None:
    """III: race U searches by sex only [found]."""
    assert person(INDEX, history(RAC="W"), RAC="W") is not None
    assert person(INDEX, history(RAC="W"), RAC="B") is None
    assert person(INDEX, history(RAC="W"), RAC="U") is not None


def test_another_known_sex_does_not_match_and_an_unknown_one_does() -> None:
    """Sex filters; U on either side is open."""
    assert person(HOT, SEX="M") is not None
    assert person(HOT, SEX="F") is None
    assert person(HOT, SEX="U") is not None
    assert person(HOT, wanted(SEX="U"), SEX="F") is not None


def test_a_register_does_not_look_at_race() -> None:
    """A register answers for the person asked for (design)."""
    assert person(REGISTER, wanted(RAC="W"), RAC="B") is not None


def test_the_protected_person_is_matched_without_the_restrained_ones_description() -> None:
    """PPN and PPB find orders a person filed; SEX and RAC describe the other one."""
    asked = {"PPN": "DOE,SAM", "PPB": "19790101", "SEX": "M", "RAC": "B"}

    match = match_person(asked, "PPN", "PPB", order(), HOT)

    assert match is not None and match.words == "protected person name exact, DOB exact"
    assert match_person({**asked, "PPB": "19790102"}, "PPN", "PPB", order(), HOT) is None


def test_a_plate_is_exact_and_its_state_narrows() -> None:
    """LIS narrows; LIT and LIY are ignored [found]."""
    plate = identifier("LIC")

    match = match_identifier({"LIC": "0SYN001", "LIS": "CA", "LIT": "TK", "LIY": "2001"}, plate, vehicle())

    assert match is not None and (match.words, match.possible) == ("plate exact", False)
    assert match_identifier({"LIC": "0SYN001"}, plate, vehicle()) is not None
    assert match_identifier({"LIC": "0SYN001", "LIS": "NV"}, plate, vehicle()) is None
    assert match_identifier({"LIC": "0SYN002", "LIS": "CA"}, plate, vehicle()) is None


def test_a_plate_typed_with_o_for_zero_is_a_possible_match() -> None:
    """O and 0 are told apart by eye, not by the switch."""
    match = match_identifier({"LIC": "OSYN001"}, identifier("LIC"), vehicle())

    assert match is not None and match.possible and "possible match" in match.words


def test_the_right_eight_of_a_vin_is_a_possible_match() -> None:
    """Exact first, then right eight as possible (design); seven are not enough."""
    vin = identifier("VIN")

    assert match_identifier({"VIN": "1SYNC2D44KP000417"}, vin, vehicle()) == match_identifier(
        {"VIN": "1sync2d44-kp000417"}, vin, vehicle()
    )
    possible = match_identifier({"VIN": "9SYZZ9Z94KP000417"}, vin, vehicle())
    assert possible is not None and possible.possible
    assert match_identifier({"VIN": "1SYNC2D44KP000418"}, vin, vehicle()) is None
    assert match_identifier({"VIN": "P000417"}, vin, vehicle()) is None


def test_a_rule_nobody_wrote_is_not_guessed() -> None:
    """Tables are complete or the process stops."""
    with pytest.raises(BrokenInvariant):
        name_rule("no_such_rule")
    with pytest.raises(BrokenInvariant):
        identifier("ZZZ")
