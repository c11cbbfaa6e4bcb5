"""The ledger's rules on pages made by hand: each bad page breaks one rule, and the good page breaks none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onenn.ledger.book.assemble import assemble
from onenn.ledger.book.edges import STRENGTHS
from onenn.ledger.book.environment import changed_pages
from onenn.ledger.book.records import BadCell, Edge, Evidence, Ledger, Page, Reference, Statement
from onenn.ledger.certificate import Item, certificate

CODE = "0123456789abcdef"


def stated(label, *, kind="theorem", classes=("new",), line=10, **fields):
    """A statement with a proof; the fields override."""
    return Statement(label=label, kind=kind, classes=tuple(classes), line=line, **{"has_proof": True, **fields})


def certified(label, *, grade="exact", role="evidence", verdict="PROVED", control="REFUTED", uses=(), code=CODE):
    """The evidence of one claim with one control."""
    statistics = {"failure_probability": 1e-9, "samples": 100} if grade == "tested" else {}
    items = [Item(role=role, text="the check", grade=grade, verdict=verdict, **statistics)]
    items.append(Item(role="control", text="the same where it breaks", verdict=control))
    return Evidence(certificate=certificate(label, scope="n = 2", uses=uses, items=items, code=code), line=30)


def one_page(*parts, **fields):
    """The pages of a book with a single page "a"."""
    statements = tuple(part for part in parts if isinstance(part, Statement))
    return {"a": Page(statements=statements, evidence=tuple(p for p in parts if isinstance(p, Evidence)), **fields)}


def ledger_of(*parts, bibliography=None, **fields):
    """The ledger of a one-page book."""
    return assemble(one_page(*parts, **fields), code=CODE, bibliography=bibliography)


def rules_broken(ledger):
    """The names of the rules that the messages give, in order."""
    return [message.rule for message in ledger.messages]


def test_a_good_page_breaks_no_rule_and_its_row_is_computed_from_the_certificate():
    """Everything in the row but label, kind and provenance comes from the certificate and the text."""
    ledger = ledger_of(stated("thm-a"), certified("thm-a", grade="enclosed"))
    row = ledger.rows["thm-a"]
    assert not ledger.messages
    assert (row.status, row.grade, row.scope, row.controls, row.proof) == ("proved", "enclosed", "n = 2", 1, True)
    assert (row.provenance, row.weakest, row.name) == ("new", None, "Theorem")


@pytest.mark.parametrize("kind", ["theorem", "lemma", "proposition", "corollary"])
def test_an_assertion_needs_evidence_and_a_proof(kind):
    """The four kinds of DESIGN assert something; without a claim and without a proof they say two things wrong."""
    ledger = ledger_of(stated("thm-a", kind=kind, has_proof=False))
    assert rules_broken(ledger) == ["evidence", "proof"]
    assert ledger.rows["thm-a"].status == "failing"
    assert rules_broken(ledger_of(stated("thm-a", kind=kind, has_proof=False), certified("thm-a"))) == ["proof"]
    assert rules_broken(ledger_of(stated("thm-a", kind=kind))) == ["evidence"]


@pytest.mark.parametrize("kind", ["definition", "assumption", "notation", "axiom", "remark", "example", "algorithm"])
def test_what_asserts_nothing_needs_neither(kind):
    """A definition is neither true nor false."""
    ledger = ledger_of(stated("def-a", kind=kind, has_proof=False))
    assert not ledger.messages
    assert (ledger.rows["def-a"].status, ledger.rows["def-a"].grade) == ("definition", None)


def test_a_conjecture_is_open_by_its_kind():
    """It needs no evidence, and what rests on it is open below."""
    user = stated("thm-b", proof_references=("cnj-a",))
    ledger = ledger_of(stated("cnj-a", kind="conjecture", has_proof=False), user, certified("thm-b"))
    assert not ledger.messages
    assert ledger.rows["cnj-a"].status == "open"
    assert ledger.rows["thm-b"].weakest == "cnj-a"


def test_a_cited_statement_needs_its_source_and_no_evidence():
    """The proof is in the source, so the source must be named, and must exist."""
    cited = stated("thm-a", classes=("quoted", "cited"), has_proof=False, sources=("euclid",))
    assert ledger_of(cited, bibliography={"euclid"}).rows["thm-a"].status == "cited"
    assert not ledger_of(cited, bibliography={"euclid"}).messages
    assert rules_broken(ledger_of(cited, bibliography={"gauss"})) == ["source"]
    assert rules_broken(ledger_of(replace(cited, classes=("new", "cited"), sources=()))) == ["source"]


def test_a_cited_or_open_statement_with_evidence_shows_both():
    """The declaration stays the status; the grade of the evidence stands beside it."""
    for word, kind in (("cited", "theorem"), ("open", "lemma"), ("open", "conjecture")):
        statement = stated("thm-a", kind=kind, classes=("read", word), has_proof=False, sources=("euclid",))
        row = ledger_of(statement, certified("thm-a", grade="tested")).rows["thm-a"]
        assert (row.status, row.grade, row.controls) == (word, "tested", 1)


@pytest.mark.parametrize("classes", [(), ("read", "new"), ("read", "quoted", "reconstructed"), ("dropdown",)])
def test_every_statement_declares_exactly_one_provenance(classes):
    """A definition comes from somewhere as much as a theorem does."""
    for kind in ("theorem", "definition", "remark"):
        ledger = ledger_of(stated("thm-a", kind=kind, classes=classes, sources=("euclid",)), certified("thm-a"))
        assert rules_broken(ledger) == ["provenance"]


@pytest.mark.parametrize("provenance", ["read", "quoted", "reconstructed"])
def test_what_is_not_new_names_its_source(provenance):
    """Somebody wrote it first."""
    bare = stated("def-a", kind="definition", classes=(provenance,))
    assert rules_broken(ledger_of(bare)) == ["source"]
    assert not ledger_of(replace(bare, sources=("euclid",))).messages


@pytest.mark.parametrize("word", ["proved", "verified", "exact", "enclosed", "refuted", "certified", "checked"])
def test_no_status_is_ever_typed(word):
    """Only provenance, cited, open and looks are allowed, so no synonym slips through either."""
    assert rules_broken(ledger_of(stated("thm-a", classes=("new", word)), certified("thm-a"))) == ["class"]


def test_cited_and_open_exclude_each_other_and_fit_only_assertions():
    """A definition has no proof that could be elsewhere, and a conjecture none at all."""
    for kind, classes in (
        ("theorem", ("read", "cited", "open")),
        ("definition", ("read", "cited")),
        ("remark", ("read", "open")),
        ("conjecture", ("read", "cited")),
    ):
        statement = stated("thm-a", kind=kind, classes=classes, sources=("euclid",))
        assert rules_broken(ledger_of(statement)) == ["class"], kind
    assert not ledger_of(stated("cnj-a", kind="conjecture", classes=("new", "open"))).messages


def test_an_unlabelled_assertion_fails_and_an_unlabelled_remark_does_not():
    """Without a label no claim can name it."""
    assert rules_broken(ledger_of(stated("theorem-0", is_labelled=False))) == ["label"]
    assert not ledger_of(stated("remark-0", kind="remark", classes=(), is_labelled=False)).messages
    assert not ledger_of(stated("remark-0", kind="remark", classes=(), is_labelled=False)).rows


def test_a_label_that_docutils_would_change_fails():
    """An upper-case label never matches a claim's."""
    assert rules_broken(ledger_of(stated("def-A", kind="definition"))) == ["label"]


def test_evidence_for_an_unknown_label_fails():
    """The claim's text names a statement that nobody can read."""
    ledger = ledger_of(certified("thm-ghost"))
    assert rules_broken(ledger) == ["unknown"]
    assert (ledger.messages[0].docname, ledger.messages[0].line) == ("a", 30)


def test_evidence_stands_on_the_page_of_its_statement():
    """A reader of the page must find the cell."""
    pages = {"a": Page(statements=(stated("thm-a"),)), "b": Page(evidence=(certified("thm-a"),))}
    ledger = assemble(pages, code=CODE)
    assert [(message.docname, message.rule) for message in ledger.messages] == [("b", "page")]
    assert ledger.rows["thm-a"].status == "failing"


def test_a_second_claim_for_a_label_fails():
    """Otherwise the better of two runs could be shown."""
    assert rules_broken(ledger_of(stated("thm-a"), certified("thm-a"), certified("thm-a"))) == ["second"]


def test_a_failed_certificate_fails_although_its_cell_was_allowed_to_raise():
    """The tag raises-exception hides the error of the cell, not the verdict of the certificate."""
    for bad in ({"verdict": "REFUTED"}, {"verdict": "UNDECIDED"}, {"control": "PROVED"}, {"control": "UNDECIDED"}):
        ledger = ledger_of(stated("thm-a"), certified("thm-a", **bad))
        assert rules_broken(ledger) == ["failed"], bad
        assert (ledger.rows["thm-a"].status, ledger.rows["thm-a"].grade) == ("failing", None)


def test_a_stale_certificate_fails():
    """It was made by code that is not installed."""
    ledger = ledger_of(stated("thm-a"), certified("thm-a", code="f" * 16))
    assert rules_broken(ledger) == ["stale"]
    assert CODE in ledger.messages[0].text


def test_a_certificate_written_by_hand_counts_as_none():
    """Its verdict does not follow from its items."""
    forged = {**certified("thm-a", verdict="REFUTED").certificate, "verdict": "proved", "problems": []}
    ledger = ledger_of(stated("thm-a"), Evidence(certificate=forged, line=30))
    assert rules_broken(ledger) == ["evidence", "certificate"]
    ledger = ledger_of(stated("thm-a"), Evidence(certificate={"label": "thm-a"}, line=30))
    assert rules_broken(ledger) == ["evidence", "certificate"]


def test_two_statements_with_one_label_fail_on_the_same_and_on_different_pages():
    """The message stands at the second and names the place of the first."""
    pages = {"a": Page(statements=(stated("thm-a"),), evidence=(certified("thm-a"),))}
    pages["b"] = Page(statements=(stated("thm-a", line=77),))
    ledger = assemble(pages, code=CODE)
    assert [(message.docname, message.line, message.rule) for message in ledger.messages] == [("b", 77, "duplicate")]
    assert ledger.rows["thm-a"].status == "failing"
    twice = ledger_of(stated("thm-a"), stated("thm-a", line=20), certified("thm-a"))
    assert rules_broken(twice) == ["duplicate"]


def test_measured_evidence_alone_supports_nothing():
    """No proof, no citation and no upper grade; each of the three cures it."""
    bare = stated("rem-a", kind="remark", has_proof=False)
    assert rules_broken(ledger_of(bare, certified("rem-a", grade="measured"))) == ["measured"]
    assert not ledger_of(bare, certified("rem-a", grade="tested")).messages
    assert not ledger_of(replace(bare, has_proof=True), certified("rem-a", grade="measured")).messages
    cited = stated("thm-a", classes=("read", "cited"), sources=("euclid",), has_proof=False)
    assert not ledger_of(cited, certified("thm-a", grade="measured")).messages
    unproved = ledger_of(stated("thm-a", has_proof=False), certified("thm-a", grade="measured"))
    assert rules_broken(unproved) == ["measured", "proof"]


def test_a_refuted_statement_needs_no_proof_and_must_link_its_repair():
    """The repair is an assertion of its own, referred to inside the refuted statement."""
    printed = stated("thm-a", has_proof=False, references=("prop-b",))
    repair = stated("prop-b", kind="proposition")
    claims = (certified("thm-a", role="counterexample", grade="enclosed"), certified("prop-b"))
    ledger = ledger_of(printed, repair, *claims)
    assert not ledger.messages
    assert (ledger.rows["thm-a"].status, ledger.rows["thm-a"].grade) == ("refuted", "enclosed")
    assert ledger.rows["thm-a"].repaired_by == ("prop-b",)
    assert ledger.rows["prop-b"].repairs == ("thm-a",)
    assert rules_broken(ledger_of(replace(printed, references=()), repair, *claims)) == ["repair"]
    definition = stated("prop-b", kind="definition")
    assert rules_broken(ledger_of(printed, definition, claims[0])) == ["repair"]


@pytest.mark.parametrize(
    ("fields", "uses", "fails"),
    [
        ({"proof_references": ("thm-a",)}, (), True),
        ({"references": ("thm-a",)}, (), True),
        ({}, ("thm-a",), True),
        ({"kind": "remark", "references": ("thm-a",)}, (), False),
        ({"kind": "remark", "proof_references": ("thm-a",)}, (), True),
    ],
)
def test_nothing_that_asserts_may_rest_on_a_refuted_statement(fields, uses, fails):
    """A remark may speak of it; a proof, an assertion or a claim may not."""
    printed = stated("thm-a", has_proof=False, references=("prop-b",))
    refuting = certified("thm-a", role="counterexample")
    user = stated("user", **fields)
    ledger = ledger_of(
        printed, stated("prop-b"), user, refuting, certified("prop-b"), certified("user", uses=uses, grade="exact")
    )
    assert rules_broken(ledger) == (["refuted"] if fails else [])
    assert ledger.rows["user"].status == ("failing" if fails else "proved")


def test_references_become_edges_with_their_origin():
    """Statement, proof and claim each give one; a reference to itself and one to an equation give none."""
    user = stated("thm-b", references=("def-a", "eq-5"), proof_references=("def-a", "thm-b"))
    ledger = ledger_of(stated("def-a", kind="definition"), user, certified("thm-b", uses=("def-a",)))
    assert ledger.edges == tuple(Edge("thm-b", "def-a", origin) for origin in ("declared", "proof", "statement"))
    assert ledger.used_by("thm-b") == ["def-a"]


def test_a_reference_to_an_equation_is_one_to_the_statement_that_holds_it():
    """Its own equation gives none, an equation of the prose neither; a label of a statement comes first."""
    holder = stated("def-a", kind="definition", equations=("eq-a", "thm-b"), references=("eq-a",))
    user = stated("thm-b", proof_references=("eq-a", "eq-b", "eq-prose"), equations=("eq-b",))
    ledger = ledger_of(holder, user, certified("thm-b"))
    assert ledger.edges == (Edge("thm-b", "def-a", "proof"),)


def test_a_refuted_statement_is_not_used_by_way_of_a_remark_either():
    """A proof that appeals to a remark which appeals to the statement rests on it; the message names the way."""
    printed = stated("thm-old", has_proof=False, references=("prop-b",))
    remark = stated("rem-c", kind="remark", references=("def-d",))
    definition = stated("def-d", kind="definition", references=("thm-old", "rem-c"))
    claims = [certified("thm-old", role="counterexample"), certified("prop-b"), certified("thm-e")]
    pages = [printed, stated("prop-b"), remark, definition]
    ledger = ledger_of(*pages, stated("thm-e", proof_references=("rem-c",)), *claims)
    assert rules_broken(ledger)[-1:] == ["refuted"]
    assert "rests on rem-c, and through it on def-d, and through it on thm-old" in ledger.messages[-1].text
    assert ledger.rows["thm-e"].status == "failing"
    assert "refuted" not in rules_broken(ledger_of(*pages, stated("thm-e", proof_references=("prop-b",)), *claims))


def test_a_bad_cell_fails_where_it_stands_and_the_statement_that_it_speaks_of():
    """A label that no statement has is told by another rule."""
    cells = (BadCell(line=7, reason="it failed"), BadCell(line=8, reason="a card by hand", label="thm-a"))
    cells += (BadCell(line=9, reason="a card by hand", label="thm-ghost"),)
    ledger = ledger_of(stated("thm-a"), certified("thm-a"), bad_cells=cells)
    assert [(message.line, message.rule) for message in ledger.messages] == [(7, "cell"), (8, "cell"), (9, "cell")]
    assert ledger.rows["thm-a"].status == "failing"


def test_a_claim_that_uses_an_unknown_label_fails():
    """A misspelt dependency would be no dependency."""
    assert rules_broken(ledger_of(stated("thm-a"), certified("thm-a", uses=("lem-ghost",)))) == ["uses"]


def test_a_cycle_is_printed_and_taken_out_of_the_edges():
    """The loop starts at its first statement of the book, and what is left can be drawn."""
    first = stated("thm-a", proof_references=("thm-c",), line=5)
    second = stated("thm-b", proof_references=("thm-a",), line=6)
    third = stated("thm-c", proof_references=("thm-b", "def-d"), line=7)
    definition = stated("def-d", kind="definition", line=8)
    claims = [certified(label) for label in ("thm-a", "thm-b", "thm-c")]
    ledger = ledger_of(first, second, third, definition, *claims)
    assert rules_broken(ledger) == ["cycle"]
    assert "thm-a -> thm-c -> thm-b -> thm-a" in ledger.messages[0].text
    assert ledger.messages[0].line == 5
    assert ledger.edges == (Edge("thm-c", "def-d", "proof"),)
    assert [ledger.rows[label].status for label in ("thm-a", "thm-b", "thm-c")] == ["failing"] * 3


def test_each_loop_is_told():
    """Two loops that share nothing are two messages."""
    pairs = [stated(a, proof_references=(b,)) for a, b in ("ab", "ba", "cd", "dc")]
    ledger = ledger_of(*pairs, *(certified(label) for label in "abcd"))
    assert rules_broken(ledger) == ["cycle", "cycle"]


def test_the_weakest_ancestor_is_the_first_of_the_weakest_and_only_when_weaker():
    """The order is exact, enclosed, tested, cited, measured, open; a definition passes on what it rests on."""
    chain = [
        stated("lem-measured"),
        stated("lem-cited", classes=("read", "cited"), sources=("euclid",)),
        stated("def-between", kind="definition", references=("lem-measured", "lem-cited")),
        stated("thm-top", proof_references=("def-between",)),
        stated("thm-strong"),
        stated("thm-weak", proof_references=("thm-strong",)),
    ]
    grades = {"lem-measured": "measured", "thm-top": "exact", "thm-strong": "exact", "thm-weak": "tested"}
    ledger = ledger_of(*chain, *(certified(label, grade=grade) for label, grade in grades.items()))
    assert not ledger.messages
    assert {label: row.weakest for label, row in ledger.rows.items() if row.weakest} == {"thm-top": "lem-measured"}
    tied = ledger_of(
        stated("lem-1"),
        stated("lem-2"),
        stated("thm-top", proof_references=("lem-2", "lem-1")),
        certified("lem-1", grade="tested"),
        certified("lem-2", grade="tested"),
        certified("thm-top"),
    )
    assert tied.rows["thm-top"].weakest == "lem-1"


@pytest.mark.parametrize("position", range(5))
def test_neighbours_in_the_order_of_strengths_are_told_apart(position):
    """For each pair of neighbours the stronger names the weaker as its weakest ancestor, never the other way."""
    strong, weak = STRENGTHS[position], STRENGTHS[position + 1]

    def of_strength(label, strength, **fields):
        declared = (strength,) if strength in ("cited", "open") else ()
        statement = stated(label, classes=("read", *declared), sources=("euclid",), **fields)
        return [statement] if declared else [statement, certified(label, grade=strength)]

    ledger = ledger_of(*of_strength("up", strong, proof_references=("low",)), *of_strength("low", weak))
    assert ledger.rows["up"].weakest == "low"
    ledger = ledger_of(*of_strength("up", weak, proof_references=("low",)), *of_strength("low", strong))
    assert ledger.rows["up"].weakest is None


def test_proofs_links_views_and_figures_of_nothing_fail_where_they_stand():
    """These rules concern the page and no statement."""
    fields = {"loose_proofs": ((3, "there is a proof before any statement"),), "bare_figures": (9,)}
    fields["views"] = tuple(Reference(target=name, line=7) for name in ("a", "", "ghost"))
    ledger = ledger_of(links=(Reference(target="thm-ghost", line=5),), **fields)
    assert [(message.line, message.rule) for message in ledger.messages] == [
        (3, "proof"),
        (5, "reference"),
        (7, "chapter"),
        (9, "figure"),
    ]


def test_rows_come_in_the_order_of_the_book_and_edges_sorted():
    """So the ledger's file is the same however the pages were read."""
    pages = {
        "z": Page(statements=(stated("thm-z", references=("thm-a",)),), evidence=(certified("thm-z"),)),
        "a": Page(statements=(stated("thm-a"),), evidence=(certified("thm-a"),)),
    }
    ledger = assemble(pages, code=CODE, numbers={"thm-z": "1.1", "thm-a": "2.1"})
    assert [row.name for row in ledger.rows.values()] == ["Theorem 1.1", "Theorem 2.1"]


def test_a_changed_lemma_changes_its_page_and_exactly_the_pages_that_show_it():
    """The user's badge names its weakest ancestor; the bystander's does not; the drawing page shows all."""

    def book(grade):
        return {
            "low": Page(statements=(stated("lem-low"),), evidence=(certified("lem-low", grade=grade),)),
            "top": Page(
                statements=(stated("thm-top", proof_references=("lem-low",)),), evidence=(certified("thm-top"),)
            ),
            "aside": Page(statements=(stated("thm-aside"),), evidence=(certified("thm-aside"),)),
            "ledger": Page(views=(Reference(target="", line=1),)),
        }

    before, after = (assemble(book(grade), code=CODE) for grade in ("exact", "tested"))
    assert changed_pages(before, after, book("tested")) == {"low", "top", "ledger"}
    assert changed_pages(after, after, book("tested")) == set()
    assert changed_pages(Ledger(), after, book("tested")) == {"low", "top", "aside", "ledger"}


def test_a_new_number_changes_the_pages_that_link_to_it():
    """The printed link holds the number; Sphinx itself would leave the linking page as it was."""
    pages = {
        "used": Page(statements=(stated("def-a", kind="definition"),)),
        "linking": Page(links=(Reference(target="def-a", line=1),)),
        "aside": Page(statements=(stated("def-b", kind="definition"),)),
    }
    before, after = (assemble(pages, code=CODE, numbers={"def-a": number}) for number in ("1.1", "1.2"))
    assert changed_pages(before, after, pages) == {"used", "linking"}
