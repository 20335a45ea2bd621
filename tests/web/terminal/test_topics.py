"""What may be looked up agrees with the vocabulary."""

from __future__ import annotations

import pytest

from openclets.messages import vocabulary
from openclets.messages.read import read_fields
from openclets.web.terminal.topics import Topic, Way, purposes_of, topic_asking, topic_named, topics

_WAYS = [(topic, way) for topic in topics().values() for way in topic.ways]


@pytest.mark.parametrize(("topic", "way"), _WAYS, ids=lambda one: one.name)
def test_every_form_asks_a_legal_field_set(topic: Topic, way: Way) -> None:
    """The required fields of the form are one field set of its key; the optional ones may go with it."""
    required = tuple(one.code for one in way.inputs if one.required)
    sets = [each for each in way.key.field_sets if each.required == required]
    assert sets, f"{topic.name}: {way.key.key} has no set {required}"
    optional = {one.code for one in way.inputs if not one.required}
    assert optional <= {*sets[0].optional, *way.key.optional}


@pytest.mark.parametrize(("topic", "way"), _WAYS, ids=lambda one: one.name)
def test_every_form_filled_with_examples_is_read(topic: Topic, way: Way) -> None:
    """The vocabulary's own examples, typed into the form, make an inquiry."""
    known = vocabulary.load()
    examples = {code: field.example for code, field in known.fields.items()}
    examples |= {code: way.key.example[code] for code in way.key.wildcards}
    fields = {one.code: examples[one.code] for one in way.inputs if one.required}
    assert read_fields(known, way.key.key, fields, way.key.network).key == way.key


def test_every_carried_key_that_the_article_names_has_a_form() -> None:
    """Those of decision 26, and the files that an officer asks beside them."""
    asked = {way.key.key for _, way in _WAYS}
    named = "RQ DQ BQ SQ OHQ PKQ SWQ QW QV QPO IQ FQ QH QR QGN QPL QVC QTS RPQ QG QA QB QM QSR QXS KQ"
    assert asked == set(named.split())


def test_a_restricted_form_offers_only_the_purposes_of_its_key() -> None:
    """An ordinary key asks for no purpose; a restricted one lists those it may be sent with."""
    assert purposes_of(topic_named("plate").ways[0].key) == ()
    assert "C" in {each.code for each in purposes_of(topic_named("history").ways[0].key)}


def test_the_form_beside_the_returns_is_the_one_that_asked() -> None:
    """By the key and the fields asked, so that "run again" fills every field."""
    topic, way = topic_asking("QPO", frozenset({"PPN", "PPB"}))
    assert (topic.name, way.name) == ("order", "by")
