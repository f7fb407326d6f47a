"""Numbers of the instructions that give a constant its name, by version of the interpreter.

They come from ``Lib/opcode.py``, ``Lib/_opcode_metadata.py`` and ``Include/opcode.h`` of each
release. Only instructions whose effect on the stack is modelled (``statements``) are listed.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Instructions(Struct, frozen=True, kw_only=True):
    """How bytecode reads.

    Attributes:
        names: Instructions by number. Those that are not listed are only stepped over.
        has_words: True when each one takes two bytes; else one, or three with an argument.
        extended_bits: How far ``EXTENDED_ARG`` shifts its argument.
        has_null: True when calls have a NULL or ``self`` on the stack beside the callable, and the
            lowest bit of ``LOAD_GLOBAL``'s argument pushes it.
        attribute_has_flag: True when the lowest bit of ``LOAD_ATTR``'s argument means a method.
        has_plain_calls: True when the argument of a call counts all arguments together; else
            positional ones in its lower byte and pairs of name and value in its upper one.
        names_functions: True when ``MAKE_FUNCTION`` finds a qualified name above the code.
        has_function_flags: True when the argument of ``MAKE_FUNCTION`` says which tuples stand
            below; False when it counts default values there.
    """

    names: dict[int, str] = {}
    has_words: bool = True
    extended_bits: int = 8
    has_null: bool = False
    attribute_has_flag: bool = False
    has_plain_calls: bool = True
    names_functions: bool = False
    has_function_flags: bool = False


HAS_ARGUMENT: Final = 90
"""First instruction with an argument, where not all take two bytes."""


def _table(*texts: str, without: str = "") -> dict[int, str]:
    """Return the instructions of ``NAME=number`` words; a later word for the same name wins."""
    numbers: dict[str, int] = {}
    for word in " ".join(texts).split():
        name, _, number = word.partition("=")
        numbers[name] = int(number)
    gone = without.split()
    return {number: name for name, number in numbers.items() if name not in gone}


_ALWAYS: Final = """
    POP_TOP=1 ROT_TWO=2 DUP_TOP=4 BINARY_MODULO=22 BINARY_ADD=23 BINARY_SUBSCR=25 STORE_SUBSCR=60
    RETURN_VALUE=83 STORE_NAME=90 UNPACK_SEQUENCE=92 STORE_ATTR=95 STORE_GLOBAL=97 LOAD_CONST=100
    LOAD_NAME=101 BUILD_TUPLE=102 BUILD_LIST=103 LOAD_GLOBAL=116 LOAD_FAST=124 STORE_FAST=125
    CALL_FUNCTION=131 MAKE_FUNCTION=132 LOAD_DEREF=136 STORE_DEREF=137
"""
_TO_2_6: Final = """
    BUILD_MAP=104 LOAD_ATTR=105 COMPARE_OP=106 IMPORT_NAME=107 IMPORT_FROM=108 SET_LINENO=127
    EXTENDED_ARG=143 STORE_MAP=54 NOP=9
"""
_FROM_2_7: Final = """
    NOP=9 STORE_MAP=54 BUILD_SET=104 BUILD_MAP=105 LOAD_ATTR=106 COMPARE_OP=107 IMPORT_NAME=108
    IMPORT_FROM=109
"""
_WORDS: Final = """
    LOAD_BUILD_CLASS=71 CALL_FUNCTION_KW=141 EXTENDED_ARG=144 FORMAT_VALUE=155
    BUILD_CONST_KEY_MAP=156 BUILD_STRING=157 LOAD_METHOD=160 CALL_METHOD=161 LIST_EXTEND=162
    SET_UPDATE=163
"""
_FROM_3_11: Final = """
    PUSH_NULL=2 COPY=120 BINARY_OP=122 LOAD_DEREF=137 STORE_DEREF=138 MAKE_CELL=135
    COPY_FREE_VARS=149 RESUME=151 PRECALL=166 CALL=171 KW_NAMES=172
"""
_GONE_IN_3_11: Final = """
    STORE_MAP DUP_TOP ROT_TWO BINARY_MODULO BINARY_ADD CALL_FUNCTION CALL_FUNCTION_KW CALL_METHOD
"""

UP_TO_2_6: Final = Instructions(
    names=_table(_ALWAYS, _TO_2_6), has_words=False, extended_bits=16, has_plain_calls=False
)
CPYTHON_2_7: Final = Instructions(
    names=_table(_ALWAYS, _FROM_2_7, "EXTENDED_ARG=145"),
    has_words=False,
    extended_bits=16,
    has_plain_calls=False,
)
CPYTHON_3_0: Final = Instructions(
    names=_table(_ALWAYS, _FROM_2_7, "LOAD_BUILD_CLASS=71 EXTENDED_ARG=143"),
    has_words=False,
    extended_bits=16,
    has_plain_calls=False,
)
CPYTHON_3_2: Final = Instructions(
    names=_table(_ALWAYS, _FROM_2_7, "LOAD_BUILD_CLASS=71 EXTENDED_ARG=144"),
    has_words=False,
    extended_bits=16,
    has_plain_calls=False,
)
CPYTHON_3_6: Final = Instructions(
    names=_table(_ALWAYS, _FROM_2_7, _WORDS, without="STORE_MAP"),
    names_functions=True,
    has_function_flags=True,
)
CPYTHON_3_11: Final = Instructions(
    names=_table(_ALWAYS, _FROM_2_7, _WORDS, _FROM_3_11, without=_GONE_IN_3_11),
    has_null=True,
    has_function_flags=True,
)
CPYTHON_3_12: Final = Instructions(
    names=_table(
        _ALWAYS,
        _FROM_2_7,
        _WORDS,
        _FROM_3_11,
        "RETURN_CONST=121 LOAD_FAST_CHECK=127",
        without=_GONE_IN_3_11 + " PRECALL LOAD_METHOD",
    ),
    has_null=True,
    attribute_has_flag=True,
    has_function_flags=True,
)
CPYTHON_3_13: Final = Instructions(
    names=_table(
        """
        BINARY_SUBSCR=5 FORMAT_SIMPLE=14 FORMAT_WITH_SPEC=15 LOAD_BUILD_CLASS=24 MAKE_FUNCTION=26
        NOP=30 POP_TOP=32 PUSH_NULL=34 RETURN_VALUE=36 STORE_SUBSCR=39 BINARY_OP=45
        BUILD_CONST_KEY_MAP=46 BUILD_LIST=47 BUILD_MAP=48 BUILD_SET=49 BUILD_STRING=51
        BUILD_TUPLE=52 CALL=53 CALL_KW=57 COMPARE_OP=58 CONVERT_VALUE=60 COPY=61 COPY_FREE_VARS=62
        EXTENDED_ARG=71 IMPORT_FROM=74 IMPORT_NAME=75 LIST_EXTEND=81 LOAD_ATTR=82 LOAD_CONST=83
        LOAD_DEREF=84 LOAD_FAST=85 LOAD_FAST_CHECK=87 LOAD_FAST_LOAD_FAST=88 LOAD_GLOBAL=91
        LOAD_NAME=92 MAKE_CELL=94 RETURN_CONST=103 SET_FUNCTION_ATTRIBUTE=106 SET_UPDATE=107
        STORE_ATTR=108 STORE_DEREF=109 STORE_FAST=110 STORE_FAST_LOAD_FAST=111
        STORE_FAST_STORE_FAST=112 STORE_GLOBAL=113 STORE_NAME=114 UNPACK_SEQUENCE=117 RESUME=149
        """
    ),
    has_null=True,
    attribute_has_flag=True,
)
CPYTHON_3_14: Final = Instructions(
    names=_table(
        """
        FORMAT_SIMPLE=12 FORMAT_WITH_SPEC=13 LOAD_BUILD_CLASS=21 MAKE_FUNCTION=23 NOP=27
        NOT_TAKEN=28 POP_TOP=31 PUSH_NULL=33 RETURN_VALUE=35 STORE_SUBSCR=38 BINARY_OP=44
        BUILD_LIST=46 BUILD_MAP=47 BUILD_SET=48 BUILD_STRING=50 BUILD_TUPLE=51 CALL=52 CALL_KW=55
        COMPARE_OP=56 CONVERT_VALUE=58 COPY=59 COPY_FREE_VARS=60 EXTENDED_ARG=69 IMPORT_FROM=72
        IMPORT_NAME=73 LIST_EXTEND=79 LOAD_ATTR=80 LOAD_COMMON_CONSTANT=81 LOAD_CONST=82
        LOAD_DEREF=83 LOAD_FAST=84 LOAD_FAST_BORROW=86 LOAD_FAST_BORROW_LOAD_FAST_BORROW=87
        LOAD_FAST_CHECK=88 LOAD_FAST_LOAD_FAST=89 LOAD_GLOBAL=92 LOAD_NAME=93 LOAD_SMALL_INT=94
        MAKE_CELL=97 SET_FUNCTION_ATTRIBUTE=108 SET_UPDATE=109 STORE_ATTR=110 STORE_DEREF=111
        STORE_FAST=112 STORE_FAST_LOAD_FAST=113 STORE_FAST_STORE_FAST=114 STORE_GLOBAL=115
        STORE_NAME=116 UNPACK_SEQUENCE=119 RESUME=128
        """
    ),
    has_null=True,
    attribute_has_flag=True,
)
CPYTHON_3_15: Final = Instructions(
    names=_table(
        """
        FORMAT_SIMPLE=12 FORMAT_WITH_SPEC=13 LOAD_BUILD_CLASS=19 MAKE_FUNCTION=21 NOP=25
        NOT_TAKEN=26 POP_TOP=29 PUSH_NULL=31 RETURN_VALUE=33 STORE_SUBSCR=36 BINARY_OP=42
        BUILD_LIST=44 BUILD_MAP=45 BUILD_SET=46 BUILD_STRING=48 BUILD_TUPLE=49 CALL=50 CALL_KW=53
        COMPARE_OP=54 CONVERT_VALUE=56 COPY=57 COPY_FREE_VARS=58 EXTENDED_ARG=67 IMPORT_FROM=71
        IMPORT_NAME=72 LIST_EXTEND=78 LOAD_ATTR=79 LOAD_COMMON_CONSTANT=80 LOAD_CONST=81
        LOAD_DEREF=82 LOAD_FAST=83 LOAD_FAST_BORROW=85 LOAD_FAST_BORROW_LOAD_FAST_BORROW=86
        LOAD_FAST_CHECK=87 LOAD_FAST_LOAD_FAST=88 LOAD_GLOBAL=91 LOAD_NAME=92 LOAD_SMALL_INT=93
        MAKE_CELL=96 SET_FUNCTION_ATTRIBUTE=107 SET_UPDATE=108 STORE_ATTR=109 STORE_DEREF=110
        STORE_FAST=111 STORE_FAST_LOAD_FAST=112 STORE_FAST_STORE_FAST=113 STORE_GLOBAL=114
        STORE_NAME=115 UNPACK_SEQUENCE=118 RESUME=128
        """
    ),
    has_null=True,
    attribute_has_flag=True,
)
