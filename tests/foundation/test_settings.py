"""Settings: read once, every fault at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from openclets.foundation.errors import BadInput, Fault
from openclets.foundation.settings import (
    Settings,
    Size,
    default_data_dir,
    described,
    read_settings,
    reference_page,
)

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


def faults_of(variables: dict[str, str]) -> dict[str, Fault]:
    with pytest.raises(BadInput) as refused:
        read_settings(variables)
    assert refused.value.code == "SETTING_INVALID"
    return {fault.field: fault for fault in refused.value.faults}


def test_the_defaults_stand_without_any_variable() -> None:
    """An installation needs no setting to start."""
    assert read_settings({"PATH": "/bin"}) == Settings()


def test_a_variable_goes_before_the_file_and_the_file_before_the_default(tmp_path: Path) -> None:
    """The nearer choice wins."""
    file = tmp_path / "openclets.toml"
    file.write_text('port = 1001\nsize = "county"\n')
    settings = read_settings({"OPENCLETS_SETTINGS": str(file), "OPENCLETS_PORT": "1002"})
    assert (settings.port, settings.size, settings.host) == (1002, Size.COUNTY, "127.0.0.1")


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    """Whoever mends a setting should not meet the next fault only on the next start."""
    file = tmp_path / "openclets.toml"
    file.write_text('hots = "::1"\nseed = -1\n')
    faults = faults_of(
        {
            "OPENCLETS_SETTINGS": str(file),
            "OPENCLETS_PROT": "8060",
            "OPENCLETS_PORT": "eighty",
            "OPENCLETS_TIME_ZONE": "../etc/passwd",
            "OPENCLETS_URL": "ftp://example.invalid",
            "OPENCLETS_SIZE": "huge",
        }
    )
    assert set(faults) == {
        f"{file}: hots",
        f"{file}: seed",
        "OPENCLETS_PROT",
        "OPENCLETS_PORT",
        "OPENCLETS_TIME_ZONE",
        "OPENCLETS_URL",
        "OPENCLETS_SIZE",
    }
    assert faults["OPENCLETS_PORT"].fault == "'eighty' is not a number from 0 to 65535"


@pytest.mark.parametrize(
    ("misspelt", "meant"), [("OPENCLETS_PROT", "OPENCLETS_PORT"), ("OPENCLETS_DATADIR", "OPENCLETS_DATA_DIR")]
)
def test_a_misspelt_name_is_told_the_nearest_one(misspelt: str, meant: str) -> None:
    """A name nobody reads must not pass for a setting in force."""
    assert faults_of({misspelt: "1"})[misspelt].remedy == f"did you mean {meant}?"


def test_a_file_that_is_missing_or_broken_is_a_fault(tmp_path: Path) -> None:
    """A file that was asked for is never passed over."""
    assert "OPENCLETS_SETTINGS" in faults_of({"OPENCLETS_SETTINGS": str(tmp_path / "absent.toml")})
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"port = \xff\n")
    assert "OPENCLETS_SETTINGS" in faults_of({"OPENCLETS_SETTINGS": str(broken)})


def test_an_empty_variable_counts_as_absent() -> None:
    """`OPENCLETS_TOKEN=` in a shell means that no token is set."""
    assert read_settings({"OPENCLETS_PORT": "", "OPENCLETS_SETTINGS": ""}) == Settings()


def test_a_secret_is_shown_neither_in_a_fault_nor_in_print() -> None:
    """What lands in a terminal or a log holds no password."""
    fault = faults_of({"OPENCLETS_DATABASE_DSN": "password=hunter2 oops"})["OPENCLETS_DATABASE_DSN"]
    assert "hunter2" not in repr(fault)
    settings = read_settings(
        {"OPENCLETS_DATABASE_DSN": "host=db password=hunter2", "OPENCLETS_TOKEN": "hunter2"}
    )
    assert settings.token == "hunter2"
    assert "hunter2" not in repr(settings)


def test_a_clone_keeps_its_files_beside_its_sources() -> None:
    """`make run` leaves everything in `var`, which git ignores."""
    assert default_data_dir() == PAGE.parents[2] / "var"


def test_the_reference_page_is_up_to_date() -> None:
    """The page is made from the settings; make it again with `python -m openclets.foundation.settings`."""
    assert PAGE.read_text("utf-8") == reference_page()
    assert all(setting.meaning and setting.form for setting in described())
