"""The independent checker: it accepts what the package stores, rejects each corrupted field, and knows no package."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from onenn.landscape import certify_one_odd_unit
from onenn.landscape.minima.__main__ import certificates, main

DATA = Path(__file__).parents[2] / "chapters" / "_data"
CHECKER, STORED = DATA / "check_minima.py", DATA / "spurious-minima.json"


@pytest.fixture(scope="module")
def checker():
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("check_minima", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stored(k: int) -> dict:
    """The stored certificate of k."""
    return next(c for c in json.loads(STORED.read_text(encoding="utf-8"))["minima"] if c["k"] == k)


def corrupted(text: str, place: int) -> str:
    """The decimal with one of its digits replaced by the next one, 9 by 0."""
    place %= len(text)
    return text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]


def test_the_checker_is_short_and_imports_the_standard_library_alone():
    """At most two hundred lines that a reader can judge, nothing of the package or of any other."""
    source = CHECKER.read_text(encoding="utf-8")
    assert source.count("\n") <= 200
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module))
    assert names <= set(sys.stdlib_module_names)


def test_the_stored_file_is_what_the_package_certifies():
    """Discovery again: the same decimals, as each has one right value; all of k = 6, ..., 20."""
    data = json.loads(STORED.read_text(encoding="utf-8"))
    assert [c["k"] for c in data["minima"]] == list(range(6, 21))
    assert stored(9) == certify_one_odd_unit(9).certificate()
    assert {"command", "seed", "versions"} <= set(data)
    assert signed(data) == data


def test_the_checker_accepts_the_stored_certificate_of_twenty(checker):
    """No error is what acceptance means."""
    assert checker.verify(stored(20)) is None


@pytest.mark.parametrize("name", ["A", "B", "C", "D", "E", "risk", "least_eigenvalue"])
@pytest.mark.parametrize("place", [-1, -5])
def test_each_corrupted_digit_is_rejected(checker, name, place):
    """A decimal stands for an interval of one unit of its last place, so only one decimal is right."""
    certificate = stored(9)
    wrong = certificate | {name: corrupted(certificate[name], len(certificate[name]) + place)}
    with pytest.raises(ValueError, match=r"box|risk|eigenvalue"):
        checker.verify(wrong)


@pytest.mark.parametrize(
    "change",
    [{"k": 10}, {"k": "9"}, {"k": 5}, {"k": True}, {"D": "0.5"}, {"risk": 0.02}, {"note": "1"}, {"C": "1e-3"}],
    ids=str,
)
def test_other_numbers_of_units_and_malformed_fields_are_rejected(checker, change):
    """The box of nine units holds no zero for ten; floats, missing digits and unknown fields are refused."""
    with pytest.raises(ValueError, match=r"box|field"):
        checker.verify(stored(9) | change)
    missing = {name: value for name, value in stored(9).items() if name != next(iter(change))}
    if len(missing) < len(stored(9)):
        with pytest.raises(ValueError, match="field"):
            checker.verify(missing | {"k": 9} if "k" not in change else missing)


def test_intervals_hold_what_they_enclose(checker):
    """atan and pi against the decimals of pi, far below the precision of the checks."""
    pi = checker.PI
    digits = 31415926535897932384626433832795028841971
    assert pi.lo * 10**40 <= (digits + 1) * checker.ONE
    assert pi.hi * 10**40 >= digits * checker.ONE
    assert pi.hi - pi.lo < checker.ONE >> 170


def leaves(tree, path=()):
    """The places of the numbers and strings in a JSON tree."""
    if isinstance(tree, (dict, list)):
        for key, branch in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves(branch, (*path, key))
    else:
        yield path


def changed(tree, path):
    """The tree with another value at that place."""
    copy = json.loads(json.dumps(tree))
    branch = copy
    for key in path[:-1]:
        branch = branch[key]
    value = branch[path[-1]]
    branch[path[-1]] = value + 1 if isinstance(value, int) else corrupted(value, -1) if value[-1:].isdigit() else "x"
    return copy


def test_every_field_of_the_file_is_guarded(checker, tmp_path):
    """Command, seed and versions have no proof, so the digest guards them; with the proofs, every leaf of the tree."""
    data = json.loads(STORED.read_text(encoding="utf-8"))
    places = list(leaves(data))
    assert len(places) > 100
    for place in places:
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(changed(data, place)), encoding="utf-8")
        with pytest.raises(SystemExit, match="REJECTED: digest"):
            checker.main(path)


def signed(data: dict) -> dict:
    """The file with the digest that belongs to it: what a forger would do."""
    contents = {name: value for name, value in data.items() if name != "sha256"}
    canonical = json.dumps(contents, sort_keys=True).encode()
    return contents | {"sha256": hashlib.sha256(canonical).hexdigest()}


def test_the_command_line_exits_with_an_error_on_a_corrupted_copy(tmp_path):
    """Zero for a good file; one and the reason for a corrupted digit, another format, and no certificate at all."""
    data = json.loads(STORED.read_text(encoding="utf-8"))
    good = data | {"minima": data["minima"][5:6]}
    wrong = stored(11)
    wrong["A"] = corrupted(wrong["A"], -3 + len(wrong["A"]))
    cases = {
        "good": (good, 0),
        "corrupted": (good | {"minima": [wrong]}, 1),
        "format": (good | {"format": "spurious minima 1"}, 1),
        "activation": (good | {"activation": "erf"}, 1),
        "empty": (good | {"minima": []}, 1),
    }
    for name, (contents, code) in cases.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(signed(contents)), encoding="utf-8")
        ran = subprocess.run([sys.executable, CHECKER, path], capture_output=True, text=True, check=False)
        assert ran.returncode == code, name
        assert ("REJECTED" in ran.stderr) == bool(code)


@pytest.mark.slow
def test_the_whole_stored_file_is_verified():
    """k = 6, ..., 20, and k = 6, 7, 8 once more with all k^2 unknowns."""
    ran = subprocess.run([sys.executable, CHECKER], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("verified") == 15


def test_the_command_of_the_stored_file_writes_such_a_file(tmp_path):
    """For one k, with the command and the versions in it."""
    path = tmp_path / "found.json"
    main([str(path), "8", "8"])
    assert json.loads(path.read_text(encoding="utf-8"))["minima"] == [stored(8)]
    assert certificates(8, 8)["command"].endswith("spurious-minima.json 8 8")
