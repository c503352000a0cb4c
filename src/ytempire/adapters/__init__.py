"""One file or folder per outside thing. An adapter turns one value into bytes and back; it interprets nothing."""
