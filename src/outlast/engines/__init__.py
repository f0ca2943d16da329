"""The engines: one meaning (docs/semantics.md), written as a compiled kernel and as a readable reference."""
