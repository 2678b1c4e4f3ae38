"""What a project holds beside what its batch asks for."""

import pytest

from corpus.label_studio.diff import Change, Diff, PresentTask, diff


def data(name, **other):
    return {"sentence_id": name, "text": "The talks went on.", "codebook": "1", **other}


def wanted(*names):
    return [{"data": data(name)} for name in names]


def test_a_task_that_says_the_same_is_unchanged_whatever_others_added():
    there = PresentTask(7, data("a.001", reviewed_by="someone"), is_labeled=False)
    assert diff(wanted("a.001"), [there]) == Diff((), 1, (), (), ())


def test_wanted_tasks_that_are_not_there_are_new_in_their_order():
    asked = wanted("a.003", "a.001", "a.002")
    there = PresentTask(7, data("a.001"), is_labeled=False)
    assert diff(asked, [there]).new == (asked[0], asked[2])


def test_an_edited_task_is_put_right_unless_it_is_labelled():
    free = PresentTask(1, data("a.001", text="The talks stopped."), is_labeled=False)
    labelled = PresentTask(2, data("a.002", text="The talks stopped."), is_labeled=True)
    found = diff(wanted("a.001", "a.002"), [free, labelled])
    assert found.changed == (Change(free, data("a.001")),)
    assert found.kept == (labelled,)
    assert found.unchanged == 0


def test_a_labelled_task_keeps_the_codebook_version_of_its_label():
    old = [PresentTask(n, data(f"a.00{n}", codebook="0.9"), is_labeled=n == 1) for n in (1, 2)]
    found = diff(wanted("a.001", "a.002"), old)
    assert (found.unchanged, found.kept) == (1, ())
    assert [change.task.id for change in found.changed] == [2]


def test_of_two_tasks_of_a_sentence_the_labelled_one_counts_then_the_oldest():
    twins = [PresentTask(n, data("a.001"), is_labeled=n == 3) for n in (1, 2, 3)]
    assert [task.id for task in diff(wanted("a.001"), twins).orphaned] == [1, 2]
    assert [task.id for task in diff(wanted("a.001"), twins[:2]).orphaned] == [2]


@pytest.mark.parametrize("other", [{"text": "x"}, {"sentence_id": 3}, data("a.009")])
def test_what_nobody_asks_for_is_orphaned_and_named(other):
    found = diff(wanted("a.001"), [PresentTask(4, other, is_labeled=True)])
    assert [task.id for task in found.orphaned] == [4]
    [finding] = found.findings("project 1")
    assert (finding.code, finding.place) == ("W345", "project 1: task 4")


def test_the_line_names_all_five_and_what_was_kept_only_where_there_is_any():
    assert str(Diff((), 1200, (), (), ())) == "0 new, 1,200 unchanged, 0 changed, 0 orphaned"
    there = PresentTask(2, data("a.001", text="x"), is_labeled=True)
    assert str(diff(wanted("a.001"), [there])) == (
        "0 new, 0 unchanged, 0 changed, 1 changed but labelled (kept), 0 orphaned"
    )


def test_what_was_coded_is_put_right_until_the_task_is_labelled():
    asked = [{"data": data("a.001", coded="You coded: favor")}]
    there = PresentTask(2, data("a.001", coded="You coded: against"), is_labeled=False)
    assert diff(asked, [there]).changed == (Change(there, asked[0]["data"]),)
    labelled = PresentTask(2, there.data, is_labeled=True)
    assert diff(asked, [labelled]) == Diff((), 1, (), (), ())
