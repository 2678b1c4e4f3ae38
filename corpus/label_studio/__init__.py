"""Label Studio at the border: what goes out, what comes back, and the one module that calls it."""
