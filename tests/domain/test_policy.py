"""What a checkup says of several projects."""

from ytempire.domain.checkup import Grade, one_project


def test_one_project_is_as_the_policy_wants_it() -> None:
    assert Grade.OK is one_project(["main", "main"], failover=True).grade


def test_several_are_warned_of_and_failover_between_them_too() -> None:
    kept, moving = one_project(["a", "b"]), one_project(["a", "b"], failover=True)

    assert (Grade.WARNING, Grade.WARNING) == (kept.grade, moving.grade)
    assert "because of quota" not in kept.message
    assert "moving on from one to another because of quota is allowed here" in moving.message
    assert "quota.cross_project_failover = false" in moving.remedy
