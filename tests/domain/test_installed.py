"""What is said of an extra that is not installed: what needs it, and how to have it from a checkout."""

from ytempire.domain.installed import lacks_extra


def test_an_extra_that_is_not_there_is_named_with_how_to_have_it_from_a_checkout() -> None:
    told = lacks_extra("PostgreSQL", "postgres")

    remedy = "run `pip install -e '.[postgres]'` in the checkout"
    assert f"PostgreSQL needs the extra postgres, which is not installed; {remedy}" == told
