"""Which stock scikit-learn objects make a model of some settings. Nothing here is fitted."""

from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline

from model.features import CHARACTER_NGRAMS, WORD_NGRAMS
from model.settings import Settings


def feature_pipeline(settings: Settings) -> Pipeline:
    """Texts -> rows of shape (n_texts, n_columns): hashed counts, then tf-idf of length one.

    The step "counts" learns nothing from texts; the step "tfidf" learns how common a column is.
    Columns 0 to n_columns / 2 are words, the others characters, as in `model.features`.
    """
    half = settings.n_columns // 2
    words = HashingVectorizer(
        ngram_range=WORD_NGRAMS, n_features=half, alternate_sign=False, norm=None
    )
    characters = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=CHARACTER_NGRAMS,
        n_features=half,
        alternate_sign=False,
        norm=None,
    )
    return Pipeline(
        [
            ("counts", FeatureUnion([("words", words), ("characters", characters)])),
            ("tfidf", TfidfTransformer(sublinear_tf=True)),
        ]
    )


def stance_classifier(settings: Settings) -> LogisticRegression:
    """Rows -> one stance value; rare values weigh as much as frequent ones.

    For several values at once Newton steps are some three times faster than the default solver;
    for one topic against the rest they are not.
    """
    return _classifier(settings).set_params(solver="newton-cg")


def topic_classifier(settings: Settings) -> OneVsRestClassifier:
    """Rows -> any number of topics, each decided by itself."""
    return OneVsRestClassifier(_classifier(settings))


def _classifier(settings: Settings) -> LogisticRegression:
    return LogisticRegression(
        class_weight="balanced", C=settings.c, max_iter=settings.max_iter, random_state=0
    )
