"""Where skipping is a failure: with PARLEY_NO_SKIPS set, a circle that cannot run fails the run."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("PARLEY_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = (
            f"skipped, but PARLEY_NO_SKIPS is set: {call.excinfo and call.excinfo.value}"
        )
    return report
