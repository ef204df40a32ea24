"""The text of the input file."""

#: What some editors write before the first line.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
