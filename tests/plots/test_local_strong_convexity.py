"""The pictures of the Hessian at the teacher: named, small, and what their sentences say is what is drawn."""

from onenn.landscape import orthonormal_spectrum
from onenn.plots.local_strong_convexity import ORIGINS, levels, slack


def test_every_eigenvalue_for_k_equal_d_has_a_mark():
    """The legend names all origins that occur without further inputs."""
    for k in (1, 2, 3, 6):
        assert {level.origin for level in orthonormal_spectrum("relu", k, k)} <= set(ORIGINS)


def test_the_levels_are_named_with_the_least_eigenvalue():
    """1/4 - 1/(2 pi) = 0.0908; colours through the page's variables."""
    picture = levels("relu", range(1, 6))
    assert "0.0908" in picture.alt and picture.alt in picture.svg
    assert "var(--onenn-1" in picture.svg and len(picture.svg) < 100_000


def test_no_teacher_lies_below_the_line():
    """The least ratio is in the sentence, and it is above one."""
    picture = slack(["relu", "erf"], each=9)
    least = float(picture.alt.split("the lowest is at ")[1].split(",")[0])
    assert least > 1 and "18 random teachers" in picture.alt
