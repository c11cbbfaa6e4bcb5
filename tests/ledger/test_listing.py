"""`python -m onenn.ledger` lists a built ledger, and its exit status can stop a release."""

import json

import pytest
from minibook import MiniBook, claim_cell, proof, statement

from onenn.ledger.__main__ import main
from onenn.ledger.certificate import Item, certificate

GOOD = [
    Item(role="evidence", text="e", grade="exact", verdict="PROVED"),
    Item(role="control", text="k", verdict="REFUTED"),
]


def row(label, status, **known):
    """A row of ledger.json as the build writes it."""
    return {
        "label": label,
        "kind": "theorem",
        "name": "Theorem 2.1",
        "title": "",
        "docname": "chapters/kernel",
        "url": f"chapters/kernel.html#{label}",
        "status": status,
        "provenance": "new",
        "sources": [],
        "grade": None,
        "scope": None,
        "controls": 0,
        "proof": True,
        "fingerprint": "0" * 16,
        "weakest": None,
        "certificate": None,
    } | known


PROVED = row(
    "thm-even",
    "proved",
    grade="exact",
    scope="n = 4",
    controls=1,
    weakest={"label": "lem-odd", "name": "Lemma 1.2", "grade": "cited"},
    certificate=certificate("thm-even", scope="n = 4", items=GOOD, code="0" * 16),
)
CITED = row("lem-odd", "cited", name="Lemma 1.2", sources=["zhong2017"], title="On odd\nnumbers")
FAILING = row("thm-false", "failing", name="Theorem 3.1")
EDGES = [{"source": "thm-even", "target": "lem-odd", "origin": "proof"}]


@pytest.fixture
def ledger(tmp_path):
    """Writes a ledger.json of the rows given and returns its path."""

    def write(*rows, schema=1, problems=(), name="ledger.json", **more):
        path = tmp_path / name
        data = {"schema": schema, "code": "0" * 16, "statements": rows, "edges": EDGES, "problems": problems, **more}
        path.write_text(json.dumps(data))
        return str(path)

    return write


def test_every_statement_is_listed_with_its_status_grade_and_scope(ledger, capsys):
    """One line each, in the order of the book, and a line that counts them."""
    assert main([ledger(PROVED, CITED)]) == 0
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.split() == ["proved", "exact", "Theorem", "2.1", "thm-even", "n", "=", "4"]
    assert second.split() == ["cited", "-", "Lemma", "1.2", "lem-odd", "On", "odd", "numbers"]
    assert last == "2 statements: 1 proved, 1 cited"


def test_the_exit_status_says_whether_something_listed_fails(ledger, capsys):
    """CI runs `--status failing` and stops on 1."""
    path = ledger(PROVED, CITED, FAILING)
    assert main([path, "--status", "failing"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 statement: 1 failing"
    assert main([path]) == 1
    assert main([path, "--status", "proved"]) == 0
    assert main([ledger(PROVED), "--status", "failing"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 statements"


def test_one_label_is_shown_with_its_certificate_and_its_neighbours(ledger, capsys):
    """The question "what does this rest on" needs no browser."""
    path = ledger(PROVED, CITED)
    assert main([path, "--label", "thm-even"]) == 0
    shown = capsys.readouterr().out
    assert "uses: lem-odd" in shown
    assert "weakest ancestor: Lemma 1.2 (lem-odd, cited)" in shown
    assert "[control] k · REFUTED, as it must be" in shown
    assert main([path, "--label", "lem-odd"]) == 0
    assert "used by: thm-even" in capsys.readouterr().out
    assert main([path, "--label", "lem-odd", "--status", "failing"]) == 0
    assert capsys.readouterr().out == "lem-odd is not failing\n"


LOOSE = {"docname": "chapters/kernel", "rule": "proof", "text": "there is a proof of nothing", "labels": []}
NAMED = {"docname": "chapters/kernel", "rule": "evidence", "text": "thm-false has no evidence", "labels": ["thm-false"]}


def test_what_the_build_said_is_listed_although_no_statement_fails(ledger, capsys):
    """A loose proof, a dead reference or a cell that did not run belongs to no statement, and the build failed."""
    path = ledger(PROVED, CITED, problems=[LOOSE])
    for arguments in ([path], [path, "--status", "failing"]):
        assert main(arguments) == 1
        assert capsys.readouterr().out.splitlines()[-1] == "! chapters/kernel: there is a proof of nothing [proof]"
    assert main([path, "--status", "cited"]) == 0
    assert "proof of nothing" not in capsys.readouterr().out


def test_a_failing_statement_is_shown_with_its_reasons(ledger, capsys):
    """And without those of others."""
    assert main([ledger(PROVED, FAILING, problems=[LOOSE, NAMED]), "--label", "thm-false"]) == 1
    shown = capsys.readouterr().out
    assert "! chapters/kernel: thm-false has no evidence [evidence]" in shown
    assert "proof of nothing" not in shown


def test_a_reviewer_is_told_what_changed_between_two_ledgers(ledger, capsys):
    """Other words over the same evidence: the check was written for the words that are gone."""
    edited = {"fingerprint": "1" * 16}
    run_again = {"certificate": {**PROVED["certificate"], "code": "1" * 16}}
    checked_again = {"certificate": certificate("thm-even", scope="n = 6", items=GOOD, code="0" * 16)}
    before = ledger(PROVED, CITED, name="before.json")
    for after, expected in (
        ([PROVED | run_again, CITED], f"nothing changed since {before}"),
        ([PROVED | run_again | edited, CITED], "thm-even: has other words, and the same evidence as before"),
        ([PROVED | checked_again | edited, CITED], "thm-even: has other words"),
        ([PROVED, CITED | edited], "lem-odd: has other words"),
        ([PROVED | {"grade": "tested"}, CITED], "thm-even: was proved exact, is proved tested"),
        ([PROVED], "lem-odd: is gone"),
        ([PROVED, CITED, FAILING], "thm-false: is new, failing"),
    ):
        main([ledger(*after), "--since", before])
        assert capsys.readouterr().out == expected + "\n"
    assert main([ledger(PROVED), "--since", "ghost.json"]) == 2


def test_json_gives_the_rows_themselves(ledger, capsys):
    """For other programs: the selection, unchanged."""
    assert main([ledger(PROVED, CITED), "--status", "cited", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [CITED]


def test_a_missing_ledger_says_to_build_the_book(tmp_path, capsys, monkeypatch):
    """The default place is that of the README's build, from the repository's root."""
    monkeypatch.chdir(tmp_path)
    assert main([]) == 2
    assert "_build/html/ledger.json; build the book first: jupyter-book build ." in capsys.readouterr().err


def test_the_errata_are_listed_with_what_shows_and_what_repairs_them(ledger, capsys):
    """One line each; the provenance says whether it is an error of the source."""
    found = {"source": "xie2017", "place": "Lemma 6", "kind": "empty", "wrong": "It says nothing.", "by": "thm-even"}
    found |= {"provenance": "read", "grade": "exact", "repair": "lem-odd", "check": "e", "of": "rem", "url": "a.html#b"}
    assert main([ledger(PROVED, CITED, errata=[found]), "--errata"]) == 0
    said = capsys.readouterr().out
    assert said == "xie2017, Lemma 6: empty (read): It says nothing. [thm-even, exact; repaired by lem-odd]\n"
    assert main([ledger(PROVED, CITED), "--errata"]) == 0
    assert capsys.readouterr().out == "no erratum\n"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 7, "statements": []}'])
def test_a_file_that_is_no_ledger_is_not_listed(tmp_path, text, capsys):
    """Half a file or another schema must not read as "nothing fails"."""
    (tmp_path / "ledger.json").write_text(text)
    assert main([str(tmp_path / "ledger.json"), "--status", "failing"]) == 2
    assert "build the book first" in capsys.readouterr().err


def test_an_unknown_label_is_an_error_with_a_suggestion(ledger, capsys):
    """A misspelt label must not read as "nothing fails" either."""
    assert main([ledger(PROVED), "--label", "thm-evn", "--status", "failing"]) == 2
    assert "did you mean 'thm-even'?" in capsys.readouterr().err


@pytest.mark.slow
def test_the_ledger_of_a_built_book_is_listed(tmp_path, capsys, monkeypatch):
    """What the build writes is what the listing reads, also when the build failed."""
    book = MiniBook(tmp_path)
    lemma, theorem = statement("lem-odd", kind="lemma"), statement("thm-even", text="By {prf:ref}`lem-odd`.")
    book.write("kernel", theorem, proof(), claim_cell("thm-even"), lemma, proof())
    assert not book.build().passed
    monkeypatch.chdir(tmp_path)
    assert main(["--status", "failing"]) == 1
    first, counted, reason = capsys.readouterr().out.splitlines()
    assert "lem-odd" in first and counted == "1 statement: 1 failing"
    assert reason.startswith("! chapters/kernel: lem-odd has no evidence")
    assert main(["--label", "thm-even"]) == 0
    shown = capsys.readouterr().out
    assert "uses: lem-odd" in shown and "[exact] the sum · PROVED" in shown
