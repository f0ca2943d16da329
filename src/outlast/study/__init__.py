"""Questions about several runs under the same luck: which is better, where is the best, did it get worse."""
