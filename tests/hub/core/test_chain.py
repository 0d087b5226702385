from hypothesis import given
from hypothesis import strategies as st

from hub.core.chain import BEGIN, LINK_BYTES, link

VALUES = st.lists(st.integers() | st.text(), max_size=5)


def test_a_link_stays_what_it_was():
    """Old logs are verified by it: it must never change."""
    row = (1, "TicketDrawn", '{"number":"A001"}')
    assert link(BEGIN, *row).hex() == "6e693cb57b918c5e13c6e345f70948139ef0f6edbbf3d3e525d6bb39c727f291"


@given(VALUES, VALUES)
def test_two_rows_have_one_link_only_when_they_are_the_same(one, other):
    alike = [(type(v), v) for v in one] == [(type(v), v) for v in other]
    assert (link(BEGIN, *one) == link(BEGIN, *other)) == alike


@given(VALUES)
def test_a_link_depends_on_the_one_before(values):
    assert link(link(BEGIN, "x"), *values) != link(BEGIN, *values)
    assert len(link(BEGIN, *values)) == LINK_BYTES
