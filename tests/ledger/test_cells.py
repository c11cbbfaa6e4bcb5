"""What no cell of a chapter may do, and which certificates its code can have made."""

import pytest

from onenn.ledger.cells import FORBIDDEN_TAGS, claimed_labels, errors, tag_faults, unclaimed
from onenn.ledger.certificate import MIME_TYPE


def shown(*labels):
    """The outputs of a cell that shows a certificate for each label."""
    return [{"output_type": "display_data", "data": {MIME_TYPE: {"label": label}}} for label in labels]


@pytest.mark.parametrize("tag", FORBIDDEN_TAGS)
def test_no_tag_lets_a_cell_be_skipped_or_fail(tag):
    """Each word of the build and of nbval for either; looks are free."""
    assert [tag in fault for fault in tag_faults("1", ["hide-input", tag])] == [True]
    assert not list(tag_faults("1", ["hide-input", "remove-input", "full-width"]))


def test_no_comment_does_either():
    """nbval takes a comment alone on its line for a tag; the words inside a line mean nothing."""
    for comment in ("# NBVAL_SKIP", "  ## NBVAL_RAISES_EXCEPTION  "):
        assert len(list(tag_faults(f"x = 1\n{comment}\n1 / 0", ()))) == 1
    assert not list(tag_faults("text = 'NBVAL_SKIP'  # NBVAL_SKIP it is not\n# NBVAL_IGNORE_OUTPUT", ()))


def test_an_error_among_the_outputs_is_told():
    """Whatever setting let the run go on behind it."""
    outputs = [{"output_type": "stream", "text": "Error"}, {"output_type": "error", "ename": "E", "evalue": "no"}]
    assert list(errors(outputs)) == ["a cell raised E: no"]


@pytest.mark.parametrize(
    ("source", "free"),
    [
        ("with claim('thm-a', scope='all') as c: pass", True),
        ("for label in ('thm-a', 'thm-b'):\n    with ledger.claim(label, scope='all') as c: pass", True),
        ("%%time\nwith claim('thm-a', scope='all') as c: pass", True),
        ("%matplotlib inline\nwith claim(label='thm-a', scope='all') as c: pass", True),
        ("with claim('thm-b', scope='all') as c: pass", False),
        ("display(certificate)  # claim('thm-a')", False),
        ("text = \"claim('thm-a')\"; disclaim('thm-a')", False),
        ("with claim('thm-a'", False),
    ],
)
def test_a_certificate_comes_from_a_claim_that_can_name_its_label(source, free):
    """A certificate shown in any other way was written by hand; a computed label can be any."""
    found = unclaimed(source, shown("thm-a"))
    assert [label for label, _ in found] == ([] if free else ["thm-a"])


def test_the_labels_of_a_cell_are_those_its_calls_name():
    """Calls in order, magics understood; strings, comments and other functions are no claims."""
    code = (
        "%matplotlib inline\n"
        "with ledger.claim(\"thm-b\", scope='all') as c: pass\n"
        "with claim(label='thm-a', scope='all') as c, claim('thm-b', scope='all') as d: pass\n"
        "text = 'claim(\"thm-no\")'  # claim('thm-no')\n"
        "disclaim('thm-no'); claim(name, scope='all')\n"
    )
    assert claimed_labels(code) == ["thm-b", "thm-a"]
    assert claimed_labels("claim('thm-a'") == []
    assert claimed_labels("%%time\nwith claim('thm-a', scope='all') as c: pass") == ["thm-a"]
