"""The typed SSA graph: types, ops, blocks, passes, printer, parser, verifier, reference interpreter."""
