"""What makes a claim good, what it publishes, and that no status can be typed."""

import ast
import json
from fractions import Fraction
from pathlib import Path

import IPython
import IPython.display
import numpy as np
import pytest

from onenn.ledger import ClaimFailed, claim
from onenn.ledger.certificate import GRADES, MIME_TYPE, Item, certificate, is_consistent, weakest
from onenn.verdict import Verdict

PROVED, REFUTED, UNDECIDED = Verdict.PROVED, Verdict.REFUTED, Verdict.UNDECIDED
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def published(monkeypatch):
    """The bundles a claim displays, as a running IPython would receive them."""
    bundles = []
    monkeypatch.setattr(IPython, "get_ipython", object)
    monkeypatch.setattr(IPython.display, "display", lambda data, *, raw: bundles.append(data) if raw else None)
    return bundles


def problems_of(attach, *, scope="n = 4"):
    """The problems of the claim whose items `attach(c)` adds; none when it is good."""
    try:
        with claim("thm-x", scope=scope) as c:
            attach(c)
    except ClaimFailed as failed:
        return failed.problems
    return ()


def good(c, **options):
    """One piece of evidence and one control, as they must come out."""
    c.exact("2 + 2 is 4", PROVED, **options)
    c.control("2 + 2 is 5", REFUTED)


def test_evidence_and_a_failing_control_make_a_good_claim(published):
    """The smallest claim that supports its statement."""
    assert problems_of(good) == ()
    assert published[0][MIME_TYPE]["verdict"] == "proved"


SPOILED = {
    "no evidence": (lambda c: c.control("k", REFUTED), "no evidence"),
    "no control": (lambda c: c.exact("e", PROVED), "no control"),
    "nothing but a note": (lambda c: c.note("a picture"), "no evidence"),
    "false evidence": (lambda c: (good(c), c.measured("e", REFUTED.because("3 is odd"))), "3 is odd"),
    "undecided evidence": (lambda c: (good(c), c.enclosed("e", UNDECIDED.because("0 is inside"))), "0 is inside"),
    "a control that holds": (lambda c: (good(c), c.control("k", PROVED)), "must come out REFUTED"),
    "an undecided control": (lambda c: (good(c), c.control("k", UNDECIDED)), "must come out REFUTED"),
    "a refuted counterexample": (lambda c: (good(c), c.counterexample("x", REFUTED, grade="exact")), "Counterexample"),
    "an undecided counterexample": (
        lambda c: (good(c), c.counterexample("x", UNDECIDED, grade="enclosed")),
        "Counterexample",
    ),
    "a counterexample without a control": (lambda c: c.counterexample("x", PROVED, grade="exact"), "no control"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_each_single_fault_fails_the_claim_and_is_named(case, published):
    """Every rule by itself: dropping it would let exactly this case pass."""
    attach, words = SPOILED[case]
    found = problems_of(attach)
    assert len(found) == 1 + (case == "nothing but a note")
    assert any(words in problem for problem in found)
    assert all(problem.endswith(".") for problem in found)
    assert published[0][MIME_TYPE]["verdict"] == "failed"
    assert published[0][MIME_TYPE]["problems"] == list(found)


@pytest.mark.parametrize("scope", ["", "  \n"])
def test_a_claim_without_scope_fails(scope):
    """Evidence that does not say for what it holds supports nothing."""
    assert "scope" in problems_of(good, scope=scope)[0]


def test_a_proved_counterexample_refutes_the_statement_as_printed(published):
    """Ordinary evidence may be absent; the control shows that the check can come out the other way."""

    def attach(c):
        c.counterexample("n = 3", PROVED, grade="exact")
        c.control("the repaired statement at n = 3", REFUTED)

    assert problems_of(attach) == ()
    assert (published[0][MIME_TYPE]["verdict"], published[0][MIME_TYPE]["grade"]) == ("refuted", "exact")


def test_the_card_is_shown_before_the_claim_raises(published):
    """A reader and the build must see why; one display carries all three forms."""
    with pytest.raises(ClaimFailed, match="thm-x: There is no control") as caught:
        with claim("thm-x", scope="n = 4") as c:
            c.exact("2 + 2 is 4", PROVED)
    assert [set(bundle) for bundle in published] == [{"text/html", "text/plain", MIME_TYPE}]
    assert caught.value.label == "thm-x"
    assert caught.value._render_traceback_() == [f"ClaimFailed: {caught.value}"]


def test_an_error_inside_the_block_passes_through_and_shows_nothing(published):
    """Half the evidence is no evidence, and the error says more."""
    with pytest.raises(ZeroDivisionError):
        with claim("thm-x", scope="n = 4") as c:
            good(c)
            c.exact("division", Verdict.decided(1 // 0 == 1))
    assert published == []


def test_without_ipython_the_text_card_is_printed(capsys, monkeypatch):
    """A script that makes a claim shows the same words."""
    monkeypatch.setattr(IPython, "get_ipython", lambda: None)
    assert problems_of(good) == ()
    assert capsys.readouterr().out.startswith("thm-x: evidence holds, exact\n  scope: n = 4\n")


def test_the_reason_of_every_verdict_reaches_the_certificate(published):
    """A verdict without its reason cannot be judged by a reader."""
    with claim("thm-x", scope="all") as c:
        c.enclosed("e", PROVED.because("on 12 pieces"), scope="[0, 1]", note="half a second")
        c.control("k", REFUTED.because("exactly 0"))
    first, second = published[0][MIME_TYPE]["items"]
    assert (first["reason"], first["scope"], first["note"]) == ("on 12 pieces", "[0, 1]", "half a second")
    assert (second["role"], second["grade"], second["reason"]) == ("control", None, "exactly 0")


def test_the_grade_is_the_weakest_of_the_evidence_and_notes_lower_nothing(published):
    """A chain is as strong as its weakest link; an illustration is no link."""
    for strongest, grade in enumerate(GRADES):
        with claim("thm-x", scope="all") as c:
            for used in GRADES[: strongest + 1]:
                statistics = {"failure_probability": 1e-9, "samples": 10} if used == "tested" else {}
                getattr(c, used)(used, PROVED, **statistics)
            c.control("k", REFUTED)
            c.note("a rate of 0.5 was seen")
        assert published[-1][MIME_TYPE]["grade"] == grade
    assert weakest([]) is None


@pytest.mark.parametrize("verdict", [True, False, None, "PROVED", np.True_, 1])
def test_only_a_verdict_is_accepted(verdict):
    """A bool has no third value: an undecided comparison of balls would pass for a decision."""
    for method in ("exact", "enclosed", "measured", "control"):
        with pytest.raises(TypeError, match=r"expected an onenn\.verdict\.Verdict"):
            with claim("thm-x", scope="all") as c:
                getattr(c, method)("e", verdict)


@pytest.mark.parametrize("p", [0, -1e-9, 1.1e-6, 1, float("nan"), None, "1e-9"])
def test_a_test_must_be_wrong_with_probability_at_most_one_in_a_million(p):
    """The bound of the grade; zero is no statistical test and a nan is no number."""
    with pytest.raises(ValueError, match="failure_probability"):
        with claim("thm-x", scope="all") as c:
            c.tested("e", PROVED, failure_probability=p, samples=100)


@pytest.mark.parametrize("samples", [0, -5, 10.0, True, None])
def test_a_test_must_count_its_samples(samples):
    """The sample size is part of the evidence."""
    with pytest.raises(ValueError, match="samples"):
        with claim("thm-x", scope="all") as c:
            c.tested("e", PROVED, failure_probability=1e-6, samples=samples)


def test_statistics_are_written_as_plain_numbers(published):
    """NumPy integers and fractions are numbers to a chapter, and must survive JSON."""
    with claim("thm-x", scope="all") as c:
        c.tested("e", PROVED, failure_probability=Fraction(1, 10**7), samples=np.int64(1000))
        c.control("k", REFUTED)
    assert json.loads(json.dumps(published[0][MIME_TYPE])) == published[0][MIME_TYPE]
    assert published[0][MIME_TYPE]["items"][0]["samples"] == 1000
    assert "samples" not in published[0][MIME_TYPE]["items"][1]


def test_a_counterexample_is_graded_and_never_measured():
    """A floating-point number that looks wrong refutes nothing."""
    for options in (
        {"grade": "measured"},
        {"grade": "tested"},
        {"grade": "exact", "samples": 10},
        {"grade": "enclosed", "failure_probability": 1e-9},
    ):
        with pytest.raises(ValueError):
            with claim("thm-x", scope="all") as c:
                c.counterexample("x", PROVED, **options)


@pytest.mark.parametrize("label", ["Thm-x", "thm_x", "thm x", "", "-x", "x-", "x--y", "9x", "thm-ρ"])
def test_a_label_is_lowercase_words_with_hyphens(label):
    """docutils changes any other spelling silently, and the evidence would miss its statement."""
    with pytest.raises(ValueError, match="lowercase"):
        claim(label, scope="all")
    with pytest.raises(ValueError, match="uses"):
        claim("thm-x", scope="all", uses=(label,))


def test_bad_arguments_name_themselves():
    """Each message says which argument it was."""
    with pytest.raises(TypeError, match="scope"):
        claim("thm-x", scope=None)
    with pytest.raises(TypeError, match="uses is the str"):
        claim("thm-x", scope="all", uses="lem-y")
    with pytest.raises(ValueError, match="itself"):
        claim("thm-x", scope="all", uses=("thm-x",))
    with pytest.raises(TypeError, match="label"):
        claim(3, scope="all")


def test_the_same_words_twice_are_an_error():
    """Two lines of a card that read alike cannot be told apart, whatever their roles."""
    with pytest.raises(ValueError, match="stands twice"):
        with claim("thm-x", scope="all") as c:
            c.exact("e", PROVED)
            c.control("e", REFUTED)


def test_evidence_belongs_inside_the_block_and_a_claim_opens_once():
    """Evidence added later would be on no card."""
    c = claim("thm-x", scope="all")
    with pytest.raises(RuntimeError, match="inside its `with` block"):
        c.exact("e", PROVED)
    with c:
        good(c)
    with pytest.raises(RuntimeError, match="inside its `with` block"):
        c.exact("e", PROVED)
    with pytest.raises(RuntimeError, match="opened before"):
        c.__enter__()


def test_the_same_run_gives_the_same_bytes(published):
    """No time, path or random number: serial and parallel builds agree byte for byte."""
    for _ in range(2):
        problems_of(lambda c: (good(c), c.note("seen")))
    first, second = (json.dumps(bundle, sort_keys=True) for bundle in published)
    assert first == second


def test_a_certificate_edited_by_hand_does_not_follow_from_its_items():
    """Verdict, grade and problems are functions of the items, so any other value shows."""
    items = [
        Item(role="evidence", text="e", grade="measured", verdict="PROVED"),
        Item(role="control", text="k", verdict="REFUTED"),
    ]
    genuine = certificate("thm-x", scope="all", items=items)
    assert is_consistent(json.loads(json.dumps(genuine)))
    for edit in (
        {"verdict": "refuted"},
        {"grade": "exact"},
        {"problems": ["none"]},
        {"items": []},
        {"scope": ""},
        {"items": None},
        {"schema": 2},
        {"extra": 1},
    ):
        assert not is_consistent({**genuine, **edit})


def test_the_mime_type_is_written_in_one_place():
    """Whoever could print it elsewhere could type a status."""
    folders = [ROOT / name for name in ("onenn", "chapters", "tests")]
    sources = [path for folder in folders for kind in ("*.py", "*.md") for path in folder.rglob(kind)]
    holders = [path.relative_to(ROOT).as_posix() for path in sources if MIME_TYPE in path.read_text(encoding="utf-8")]
    assert holders == ["onenn/ledger/certificate.py"]


def typed_verdicts(code):
    """The lines that write a verdict (its name outside a comparison, decided(True)) or reach behind `claim`."""
    from IPython.core.inputtransformer2 import TransformerManager

    values = ("PROVED", "REFUTED", "UNDECIDED")
    tree = ast.parse(TransformerManager().transform_cell(code))
    compared = {
        id(side) for top in ast.walk(tree) if isinstance(top, ast.Compare) for side in (top.left, *top.comparators)
    }

    def is_typed(node):
        if isinstance(node, ast.Attribute | ast.Constant):
            return getattr(node, "attr", getattr(node, "value", None)) in values and id(node) not in compared
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "decided":
            computed = (ast.Name, ast.Call, ast.BinOp)
            parts = [part for given in (*node.args, *node.keywords) for part in ast.walk(given)]
            return not any(isinstance(part, computed) for part in parts)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("onenn.ledger"):
            return [name.name for name in node.names] != ["claim"]
        return isinstance(node, ast.Import) and any(name.name.startswith("onenn.ledger") for name in node.names)

    return [node.lineno for node in ast.walk(tree) if is_typed(node)]


def test_no_chapter_types_a_verdict():
    """The rest of the ledger trusts verdicts; in a chapter they come from a computation."""
    import jupytext

    for path in sorted((ROOT / "chapters").rglob("*.md")):
        for cell in jupytext.read(path, fmt="md:myst").cells:
            if cell.cell_type == "code":
                assert typed_verdicts(cell.source) == [], f"{path.name}: {cell.source}"


@pytest.mark.parametrize(
    "line",
    [
        'c.exact("e", Verdict.PROVED)',
        'v = Verdict.REFUTED.because("")',
        'assert check(Verdict.PROVED) == "fine"',
        "Verdict.decided(True)",
        "Verdict.decided(not False)",
        "Verdict.decided(truth=1 == 1)",
        'Verdict("PROVED")',
        'V(value="REFUTED")',
        "from onenn.ledger.certificate import certificate",
        "import onenn.ledger.claim as module",
    ],
)
def test_a_typed_verdict_is_noticed(line):
    """The detector itself must be able to fail."""
    assert typed_verdicts(line) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "ok = verdict == Verdict.PROVED",
        "Verdict.decided(2 * 2 == 4)",
        "Verdict.decided(found == 4)",
        "%matplotlib inline",
        "from onenn.ledger import claim",
    ],
)
def test_a_computed_verdict_is_free(line):
    """A comparison asks, and an arithmetic expression computes."""
    assert typed_verdicts(line) == []
