"""The card says in words what the certificate holds, escapes everything, and needs no colour to be understood."""

import re
from html.parser import HTMLParser

import pytest

from onenn.ledger.card import SHAPES, headline, html_card, summary, text_card
from onenn.ledger.certificate import GRADES, Item, certificate

EVIDENCE = Item(role="evidence", text="rho > 0", grade="enclosed", verdict="PROVED", reason="12 pieces", note="quick")
CONTROL = Item(role="control", text="a line", verdict="REFUTED", reason="exactly 0")
TESTED = Item(
    role="evidence", text="drawn", grade="tested", verdict="PROVED", scope="d = 3", failure_probability=1e-9, samples=64
)
BREAKS = Item(role="counterexample", text="n = 3", grade="exact", verdict="PROVED")
HOLDS = Item(role="control", text="a plane", verdict="PROVED", reason="0.1 > 0")
NOTE = Item(role="note", text="a slope of 2 was seen")

CARDS = {
    "proved": certificate("thm-x", scope="sigma in [0.1, 10]", uses=["lem-y"], items=[EVIDENCE, TESTED, CONTROL, NOTE]),
    "refuted": certificate("thm-x", scope="n = 3", items=[BREAKS, CONTROL]),
    "failed": certificate("thm-x", scope="all", items=[EVIDENCE, CONTROL, HOLDS]),
}


class Visible(HTMLParser):
    """Collects the text of a card and checks that every element is closed in its turn."""

    def __init__(self, html):
        super().__init__()
        self.words, self.open = [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("verdict", CARDS)
def test_both_forms_hold_every_text_of_the_claim(verdict):
    """LaTeX shows the plain card and the book the other; neither may know less."""
    found = CARDS[verdict]
    seen = " ".join(Visible(html_card(found)).words)
    for text in (seen, text_card(found)):
        assert headline(found) in text
        for item in found["items"]:
            for part in ("text", "reason", "note", "scope", "verdict"):
                assert (item[part] or "") in text
        assert all(problem in text for problem in found["problems"])
        assert found["scope"] in text and all(used in text for used in found["uses"])


def test_the_three_verdicts_read_differently_without_colour():
    """Words and sign differ, so a reader who sees no colour loses nothing."""
    heads = [" ".join(Visible(html_card(found)).words[:2]) for found in CARDS.values()]
    assert len(set(heads)) == len({head[0] for head in heads}) == 3
    assert set(SHAPES) == set(GRADES)
    assert len(set(SHAPES.values())) == len(GRADES)


def test_a_failed_claim_shows_no_grade():
    """A grade on a failed card would read as support."""
    assert headline(CARDS["failed"]) == "evidence fails"
    assert headline(CARDS["proved"]) == "evidence holds, tested"


def test_markup_in_a_claim_stays_text():
    """A claim such as "a < b" must show its sign, and a script must not run."""
    hostile = 'a < b & <script>alert(1)</script> "quoted"'
    items = [
        Item(
            role="evidence", text=hostile, grade="exact", verdict="REFUTED", reason=hostile, note=hostile, scope=hostile
        ),
    ]
    html = html_card(certificate("thm-x", scope=hostile, items=items))
    assert "<script" not in html
    assert "".join(Visible(html).words).count(hostile) >= 5
    assert hostile in text_card(certificate("thm-x", scope=hostile, items=items))


def test_dollar_signs_in_pairs_hold_a_formula():
    """As in the badge; one alone is money. The plain card keeps the source."""
    item = Item(role="evidence", text="$a < b$ holds", grade="exact", verdict="REFUTED", reason="5 $ short")
    found = certificate("thm-x", scope="all", items=[item])
    assert '<span class="math notranslate nohighlight">\\(a &lt; b\\)</span> holds' in html_card(found)
    assert "5 $ short" in html_card(found)
    assert "$a < b$ holds" in text_card(found)


def test_text_takes_the_ink_of_the_page():
    """In either theme: no fixed text or background colour, and each colour is a variable with a fallback."""
    for found in CARDS.values():
        colours = re.findall(r"(?:^|[;\"])(?:color|background[^:]*):([^;\"]+)", html_card(found))
        assert colours and all(colour == "inherit" or colour.startswith("var(--") for colour in colours)
        assert all("var(--jp-" in colour for colour in colours if colour != "inherit")


def test_many_items_are_folded_but_a_failure_is_never_hidden():
    """The fold is open on a failed card, and its problems stand above it."""
    many = [Item(role="evidence", text=f"case {n}", grade="exact", verdict="PROVED") for n in range(9)]
    good = html_card(certificate("thm-x", scope="all", items=[*many, CONTROL]))
    bad = html_card(certificate("thm-x", scope="all", items=[*many, HOLDS]))
    assert "<details><summary>9 evidence, 1 control</summary>" in good
    assert "<details open>" in bad
    assert bad.index("must come out REFUTED") < bad.index("<details")
    assert "<details" not in html_card(CARDS["refuted"])


def test_the_summary_counts_by_role():
    """Roles in a fixed order, plural where it is due."""
    assert summary(CARDS["proved"]) == "2 evidence, 1 control, 1 note"
    assert summary(CARDS["failed"]) == "1 evidence, 2 controls"
