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

    def write(*rows, schema=1):
        path = tmp_path / "ledger.json"
        path.write_text(json.dumps({"schema": schema, "code": "0" * 16, "statements": rows, "edges": EDGES}))
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


def test_json_gives_the_rows_themselves(ledger, capsys):
    """For other programs: the selection, unchanged."""
    assert main([ledger(PROVED, CITED), "--status", "cited", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [CITED]


def test_a_missing_ledger_says_to_build_the_book(tmp_path, capsys, monkeypatch):
    """The default place is that of the README's build, from the repository's root."""
    monkeypatch.chdir(tmp_path)
    assert main([]) == 2
    assert "_build/html/ledger.json; build the book first: jupyter-book build ." in capsys.readouterr().err


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
    first, last = capsys.readouterr().out.splitlines()
    assert "lem-odd" in first and last == "1 statement: 1 failing"
    assert main(["--label", "thm-even"]) == 0
    shown = capsys.readouterr().out
    assert "uses: lem-odd" in shown and "[exact] the sum · PROVED" in shown
