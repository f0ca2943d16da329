"""A result as one self-contained HTML page.

A section is one module in `sections`: a TITLE, a PLACE among the others, and `blocks(material)`, which yields what it
has to say as blocks (`outlast.report.html.blocks`) or nothing. It is found by looking; the page lays it out.
"""
