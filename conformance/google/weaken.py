"""Allows a program to start with an older C library than the one it was linked with.

The loader refuses a program that asks for a version of a library which is not there, unless the
entry in the program's list of needed versions is marked weak. Symbols bound to such a version are
unbound from it, so that a preloaded library can supply them (see shim.cc).

    weaken.py PROGRAM RESULT
"""

import struct
import sys

NEWER = {b"GLIBC_2.38", b"GLIBCXX_3.4.32"}
NEEDED, BINDINGS = 0x6FFFFFFE, 0x6FFFFFFF  # SHT_GNU_verneed, SHT_GNU_versym
WEAK = 2  # VER_FLG_WEAK
HIDDEN = 0x8000
GLOBAL = 1  # VER_NDX_GLOBAL


class Section:
    def __init__(self, image, at):
        fields = struct.unpack_from("<IIQQQQIIQQ", image, at)
        self.kind, self.offset, self.size = fields[1], fields[4], fields[5]
        self.link, self.count = fields[6], fields[7]


def sections(image):
    (start,) = struct.unpack_from("<Q", image, 0x28)
    size, count = struct.unpack_from("<HH", image, 0x3A)
    return [Section(image, start + number * size) for number in range(count)]


def text(image, at):
    return bytes(image[at : image.index(0, at)])


def mark_weak(image, section, names):
    """Marks the entries of newer versions, and returns their indexes."""
    marked = set()
    library = section.offset
    for _ in range(section.count):
        _, entries, _, first, next_library = struct.unpack_from("<HHIII", image, library)
        entry = library + first
        for _ in range(entries):
            _, flags, index, name, next_entry = struct.unpack_from("<IHHII", image, entry)
            if text(image, names.offset + name) in NEWER:
                struct.pack_into("<H", image, entry + 4, flags | WEAK)
                marked.add(index)
            entry += next_entry
        library += next_library
    return marked


def unbind(image, section, marked):
    for at in range(section.offset, section.offset + section.size, 2):
        (index,) = struct.unpack_from("<H", image, at)
        if index & ~HIDDEN in marked:
            struct.pack_into("<H", image, at, GLOBAL)


def main(program, result):
    with open(program, "rb") as file:
        image = bytearray(file.read())
    if image[:6] != b"\x7fELF\x02\x01":
        sys.exit(f"{program}: not a 64-bit little-endian ELF file")
    found = sections(image)
    marked = set()
    for section in found:
        if section.kind == NEEDED:
            marked |= mark_weak(image, section, found[section.link])
    for section in found:
        if section.kind == BINDINGS:
            unbind(image, section, marked)
    with open(result, "wb") as file:
        file.write(image)


if __name__ == "__main__":
    main(*sys.argv[1:])
