"""An erratum needs a check that certifies it, somebody who said it, and a repair that holds; each fault is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onenn.ledger import ClaimFailed, claim
from onenn.ledger.book.assemble import assemble
from onenn.ledger.book.environment import changed_pages
from onenn.ledger.book.errata_list import shown_elsewhere, words
from onenn.ledger.book.export import as_data
from onenn.ledger.book.records import Evidence, Page, Reference, Statement
from onenn.ledger.card import html_card, text_card
from onenn.ledger.certificate import ERRATUM_KINDS, Erratum, Item, certificate, is_consistent
from onenn.verdict import Verdict

PROVED, REFUTED, UNDECIDED = Verdict.PROVED, Verdict.REFUTED, Verdict.UNDECIDED
CODE = "0123456789abcdef"
WORDS = {"kind": "refuted", "source": "euclid", "place": "Lemma 6", "repair": "thm-new"}


def attached(attach, label="thm-old"):
    """The claim whose lines `attach(c)` adds, left without judging it."""
    c = claim(label, scope="n = 5")
    c._open = True
    attach(c)
    return c


@pytest.mark.parametrize("kind", ERRATUM_KINDS)
def test_an_erratum_hangs_on_the_check_before_it(kind, capsys):
    """The certificate of the erratum is that line of the claim, and the card shows both together."""

    def attach(c):
        c.exact("a first check", PROVED)
        c.counterexample("5 is not even", PROVED, grade="exact")
        c.erratum("five is missing", **{**WORDS, "kind": kind})

    first, second = attached(attach)._items
    assert first.erratum is None
    expected = {"wrong": "five is missing", "source": "euclid", "place": "Lemma 6", "of": "thm-old"}
    assert second.erratum == Erratum(**expected, kind=kind, repair="thm-new")
    found = certificate("thm-old", scope="n", items=[second, Item(role="control", text="k", verdict="REFUTED")])
    for card in (text_card(found), html_card(found)):
        assert f"erratum ({kind}), euclid, Lemma 6: five is missing; repaired by thm-new" in card
    assert is_consistent(found)


@pytest.mark.parametrize(
    ("attach", "words"),
    [
        (lambda c: c.erratum("w", **WORDS), "first line of the claim"),
        (lambda c: (c.measured("m", PROVED), c.erratum("w", **WORDS)), "'m' \\(measured\\), which certifies none"),
        (lambda c: (c.control("k", REFUTED), c.erratum("w", **WORDS)), "'k' \\(control\\), which certifies none"),
        (lambda c: (c.note("seen"), c.erratum("w", **WORDS)), "'seen' \\(note\\), which certifies none"),
        (lambda c: (c.exact("e", PROVED), c.erratum("w", **WORDS), c.erratum("x", **WORDS)), "an erratum already"),
        (lambda c: (c.exact("e", PROVED), c.erratum("w", **{**WORDS, "kind": "false"})), "kind is 'false'"),
        (lambda c: (c.exact("e", PROVED), c.erratum(" ", **WORDS)), "wrong is ' '"),
        (lambda c: (c.exact("e", PROVED), c.erratum("w", **{**WORDS, "place": ""})), "place is ''"),
        (lambda c: (c.exact("e", PROVED), c.erratum("w", **{**WORDS, "source": ""})), "source is ''"),
        (lambda c: (c.exact("e", PROVED), c.erratum("w", **{**WORDS, "repair": "Thm"})), "repair is 'Thm'"),
        (lambda c: (c.exact("e", PROVED), c.erratum("w", of="Thm", **WORDS)), "of is 'Thm'"),
    ],
)
def test_without_a_check_that_can_certify_it_there_is_no_erratum(attach, words):
    """A float, a control or a remark decides nothing about print; a kind, a place and a repair must be named."""
    with pytest.raises(ValueError, match=words):
        attached(attach)


def test_an_erratum_outside_the_block_is_on_no_card():
    """As any other line of a claim."""
    with pytest.raises(RuntimeError, match="inside its `with` block"):
        claim("thm-old", scope="n").erratum("w", **WORDS)


@pytest.mark.parametrize("verdict", [REFUTED, UNDECIDED])
def test_an_erratum_whose_check_is_not_proved_fails_the_claim(verdict, capsys):
    """Nothing that a machine could not decide is called wrong."""
    with pytest.raises(ClaimFailed, match="must come out PROVED"):
        with claim("thm-old", scope="n") as c:
            c.counterexample("5 is even", verdict, grade="exact")
            c.erratum("five is missing", **WORDS)
            c.control("4 is odd", REFUTED)


def erring(label="thm-old", *, role="counterexample", verdict="PROVED", grade="exact", **erratum):
    """The evidence of a claim whose check carries an erratum; the fields override."""
    fields = {**WORDS, "wrong": "five is missing", "of": label, **erratum}
    items = [Item(role=role, text="the check", grade=grade, verdict=verdict, erratum=Erratum(**fields))]
    items.append(Item(role="control", text="where it is right", verdict="REFUTED"))
    return Evidence(certificate=certificate(label, scope="n = 5", items=items, code=CODE), line=30)


def good(label):
    """The evidence of an ordinary claim."""
    items = [Item(role="evidence", text="e", grade="exact", verdict="PROVED")]
    items.append(Item(role="control", text="k", verdict="REFUTED"))
    return Evidence(certificate=certificate(label, scope="n", items=items, code=CODE), line=40)


OLD = Statement(
    label="thm-old", kind="theorem", classes=("read",), sources=("euclid",), references=("thm-new",), line=10
)
NEW = Statement(label="thm-new", kind="theorem", classes=("new",), has_proof=True, line=20)
PRINTED = Statement(label="rem-printed", kind="remark", classes=("read",), sources=("euclid",), line=5)


def ledger_of(*parts):
    """The ledger of a one-page book."""
    statements = tuple(part for part in parts if isinstance(part, Statement))
    page = Page(statements=statements, evidence=tuple(part for part in parts if isinstance(part, Evidence)))
    return assemble({"a": page}, code=CODE)


def erratum_messages(ledger):
    """The texts of the rule; there are no others."""
    assert {message.rule for message in ledger.messages} <= {"erratum"}, ledger.messages
    return [message.text for message in ledger.messages]


def test_a_refuted_statement_and_a_new_one_that_refutes_a_remark_are_both_listed():
    """The claimed statement itself, or another that prints what the source says; the row of print holds them."""
    ledger = ledger_of(OLD, NEW, erring(), good("thm-new"))
    assert not ledger.messages
    (found,) = ledger.rows["thm-old"].errata
    assert (found.by, found.check, found.grade, found.erratum.repair) == ("thm-old", "the check", "exact", "thm-new")
    own = ledger_of(PRINTED, NEW, erring("thm-new", role="evidence", of="rem-printed", kind="empty"))
    assert not own.messages
    assert [found.by for found in own.rows["rem-printed"].errata] == ["thm-new"]
    assert own.rows["thm-new"].errata == ()


def test_the_list_holds_exactly_the_errata_of_claims_that_are_good():
    """A claim that fails, by whatever rule, certifies nothing."""
    for evidence in (erring(verdict="UNDECIDED"), erring(verdict="REFUTED")):
        ledger = ledger_of(OLD, NEW, evidence, good("thm-new"))
        assert ledger.rows["thm-old"].status == "failing"
        assert ledger.rows["thm-old"].errata == ()
    ghost = ledger_of(OLD, NEW, erring(repair="thm-ghost"), good("thm-new"))
    assert ghost.rows["thm-old"].errata == ()


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((OLD, NEW, erring(repair="thm-ghost")), "names the repair 'thm-ghost', but no statement"),
        ((OLD, NEW, erring(of="thm-ghost")), "speaks of 'thm-ghost', but no statement"),
        ((OLD, NEW, erring(source="gauss")), "names the source 'gauss', but thm-old cites euclid"),
        ((OLD, NEW, erring(repair="thm-old")), "which is refuted itself"),
        ((OLD, NEW, PRINTED, erring(repair="rem-printed")), "which is a remark"),
        ((OLD, NEW, replace(NEW, label="thm-c", classes=("new", "open")), erring(repair="thm-c")), "which is open"),
        (
            (OLD, NEW, replace(NEW, label="thm-other"), good("thm-other"), erring(repair="thm-other")),
            "to which the refuted statement does not refer",
        ),
        ((replace(OLD, classes=("new",)), NEW, erring()), "which is new; print what the source says"),
        (
            (replace(OLD, classes=("reconstructed",)), NEW, erring(kind="extraction")),
            "only what was read can be a fault of its extraction",
        ),
        ((replace(OLD, has_proof=True), NEW, erring(role="evidence")), "calls thm-old false, but the evidence for it"),
    ],
)
def test_each_fault_of_an_erratum_fails_its_claim_and_is_named(parts, words):
    """Every rule by itself: dropping it would let exactly this case pass."""
    ledger = ledger_of(*parts, good("thm-new"))
    texts = erratum_messages(ledger)
    assert len(texts) == 1
    assert words in texts[0]
    assert texts[0].startswith("the erratum “five is missing” in the claim of thm-old ")
    assert ledger.rows["thm-old"].status == "failing"


@pytest.mark.parametrize("kind", ["empty", "imprecise"])
def test_what_is_empty_or_imprecise_may_be_true(kind):
    """Its own evidence may hold; the two other kinds say that it is false."""
    assert not ledger_of(
        replace(OLD, has_proof=True), NEW, erring(role="evidence", kind=kind), good("thm-new")
    ).messages


def test_a_reconstructed_statement_never_becomes_an_error_of_its_source():
    """The words come from the provenance, in one place, and the exported data carry it."""
    said = {}
    for provenance in ("read", "quoted", "reconstructed"):
        ledger = ledger_of(replace(OLD, classes=(provenance,)), NEW, erring(), good("thm-new"))
        row = ledger.rows["thm-old"]
        said[provenance] = words(row, row.errata[0])
        (exported,) = as_data(ledger, code=CODE, address=lambda docname: f"{docname}.html")["errata"]
        assert (exported["provenance"], exported["url"]) == (provenance, "a.html#evidence-thm-old")
        assert (exported["check"], exported["of"], exported["repair"]) == ("the check", "thm-old", "thm-new")
    assert said == {
        "read": "⊘ refuted as printed",
        "quoted": "⊘ refuted as quoted",
        "reconstructed": "⊘ refuted as reconstructed",
    }


def test_the_badge_of_a_refuted_statement_does_not_say_it_twice():
    """Its standing says so already; only what another statement shows is added."""
    row = ledger_of(OLD, NEW, erring(), good("thm-new")).rows["thm-old"]
    assert row.errata
    assert shown_elsewhere(row, None) == []


def test_a_forged_erratum_makes_the_certificate_inconsistent():
    """A kind that does not exist, an erratum on a control: no claim writes them."""
    genuine = erring().certificate
    assert is_consistent(genuine)
    shown, control = genuine["items"]
    for items in (
        [{**shown, "erratum": {**shown["erratum"], "kind": "false"}}, control],
        [{**shown, "erratum": {**shown["erratum"], "place": ""}}, control],
        [{**shown, "erratum": {"kind": "refuted"}}, control],
        [{**shown, "grade": "measured"}, control],
        [shown, {**control, "erratum": shown["erratum"]}],
    ):
        assert not is_consistent({**genuine, "items": items})


def test_a_new_number_or_place_of_what_shows_an_erratum_rewrites_the_page_of_print_and_the_list():
    """The badge of the statement in print names the statement that shows what is wrong with it."""
    pages = {
        "print": Page(statements=(PRINTED,)),
        "show": Page(statements=(NEW,), evidence=(erring("thm-new", role="evidence", of="rem-printed", kind="empty"),)),
        "aside": Page(statements=(replace(PRINTED, label="rem-aside"),)),
        "errata": Page(views=(Reference(target="", line=1),)),
    }
    before, after = (assemble(pages, code=CODE, numbers={"thm-new": number}) for number in ("2.1", "2.2"))
    assert changed_pages(before, after, pages) == {"print", "show", "errata"}
