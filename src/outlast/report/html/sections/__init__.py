"""What a report says, one section a module; `outlast.report.html` says what a module has."""
