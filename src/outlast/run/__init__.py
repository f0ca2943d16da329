"""Running replications, and what comes out of them: measures, tidy frames, stored results."""
