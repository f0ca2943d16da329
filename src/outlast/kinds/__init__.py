"""Component kinds: each a specification plus `lower()` plus what it measures."""
