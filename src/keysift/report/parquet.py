"""Parquet: rows for analysis, in batches; needs pyarrow."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args, get_type_hints

import msgspec

from keysift.errors import ConfigurationError, UsageError
from keysift.report.place_rows import PlaceRow

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH: Final = 50_000
"""Rows of one group: enough to compress well, few enough to hold in memory."""


def write_rows_parquet(rows: Iterable[PlaceRow], path: Path) -> None:
    """Write rows as a Parquet file (compressed with zstd); times are in UTC, in microseconds.

    Raises:
        UsageError: pyarrow is not installed.
        ConfigurationError: The file cannot be written.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 (an optional dependency)
        import pyarrow.parquet as pq  # noqa: PLC0415 (the same)
    except ModuleNotFoundError:
        raise UsageError("Parquet needs one more package: pip install 'keysift[parquet]'") from None
    schema = _schema(pa)
    remaining = iter(rows)
    try:
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            while batch := [msgspec.structs.asdict(row) for row in islice(remaining, _BATCH)]:
                writer.write_table(pa.Table.from_pylist(batch, schema))
    except OSError as error:
        raise ConfigurationError(f"--output {path}: {error.strerror or error}") from error


def _schema(pa: Any) -> pa.Schema:  # noqa: ANN401 (the module, which may not be installed)
    kinds = {"str": pa.string(), "int": pa.int64(), "bool": pa.bool_()}
    kinds["datetime"] = pa.timestamp("us", tz="UTC")
    fields = []
    for name, hint in get_type_hints(PlaceRow).items():
        options = [one for one in get_args(hint) or (hint,) if one is not type(None)]
        fields.append(pa.field(name, kinds[options[0].__name__], nullable=bool(get_args(hint))))
    return pa.schema(fields)
