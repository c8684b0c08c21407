"""The groups as tables; each is made when it is asked for."""

from functools import partial

import streamlit as st

from imgcluster.keeping.final import FinalGroups
from imgcluster.keeping.tables import TableFormat, table_bytes
from imgcluster.ui.export.final import file_stem

__all__ = ["offer_tables"]

_TABLES: tuple[tuple[TableFormat, str, str, str], ...] = (
    ("csv", "CSV", "text/csv", "One line for each picture; any program reads it."),
    (
        "xlsx",
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "A workbook with sheets of the pictures, the groups, and the files that were skipped.",
    ),
    ("json", "JSON", "application/json", "Everything, with the parameters and versions, for programs."),
)


def offer_tables(final: FinalGroups) -> None:
    """Offer a table in each format."""
    st.caption(
        "For each picture its path, its group with number and name, how well it fits, and whether it is a copy, where "
        "copies were looked for."
    )
    with st.container(horizontal=True):
        for format, title, mime, help in _TABLES:
            st.download_button(
                title,
                partial(table_bytes, final, format),
                file_name=f"{file_stem(final.name)}.{format}",
                mime=mime,
                key=f"table-{format}",
                icon=":material/table:",
                on_click="ignore",
                help=help,
            )
