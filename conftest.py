"""The fixtures that the integration and the browser circle share: one real server for both."""

pytest_plugins = ["tests.label_studio_fixtures", "tests.browser_fixtures"]
