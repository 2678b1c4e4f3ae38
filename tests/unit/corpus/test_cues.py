"""The stances of the labelled texts that have a cue word."""

from corpus.cues import stance_given


def test_a_cue_counts_once_a_sentence_and_only_where_the_stance_is_known():
    texts = [
        ("Agreed, agreed.", "favor"),
        ("They agree on rain.", "none"),
        ("They agreed again.", None),
        ("A disagreement.", "against"),
    ]
    assert stance_given("agree*", texts) == {"favor": 1, "none": 1}
    assert stance_given("agreed", texts) == {"favor": 1}
