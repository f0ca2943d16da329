"""Numbers: keyed uniforms, distributions, estimates with intervals."""
