"""The Google adapter against servers made of bare sockets, so that every kind of bad manners can be had."""
