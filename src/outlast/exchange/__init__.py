"""Files of other tools, read and written: one module a format, none of which the simulation needs."""
