"""What Find made, to be taken away: where the new pictures go as a table, and the groups as a model."""

from functools import partial

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.features.extraction import Extraction
from imgcluster.features.options import FeatureOptions
from imgcluster.predicting.model import ClusterModel
from imgcluster.predicting.predict import Prediction
from imgcluster.ui.background import Grouping
from imgcluster.ui.find.model import model_file, model_key, model_of, predictions_file
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.messages import plain, show_error
from imgcluster.ui.state import Source

__all__ = ["offer_model", "offer_predictions"]

_READY = "model_ready"  # session state: the model whose file was asked for


def offer_model(source: Source, grouping: Grouping, partition: Partition, features: FeatureOptions) -> None:
    """Offer the groups as a file that sorts new pictures without this app; it is made when it is asked for."""
    if features.vectors:
        return
    with st.expander("Take the model away", icon=":material/download:"):
        st.markdown(
            f"A file that knows these groups ({plain(partition.title)}) and says where new pictures belong, without "
            "the pictures themselves: `python -m imgcluster predict --model FILE FOLDER`."
        )
        key = model_key(grouping, partition)
        if st.session_state.get(_READY) != key:
            st.button("Prepare the file", icon=":material/build:", on_click=_prepare, args=(key,))
            return
        try:
            data = model_file(model_of(source, grouping, partition), key)
        except ImgClusterError as error:
            show_error(error)
            return
        st.download_button(
            "Download the model",
            data,
            file_name=f"{_file_stem(source.name)}.imgcluster",
            mime="application/octet-stream",
            icon=":material/download:",
            on_click="ignore",
        )


def offer_predictions(model: ClusterModel, arrivals: Extraction, places: Prediction) -> None:
    """Offer where the new pictures go as a table; it is made when it is clicked."""
    st.download_button(
        "Download the table",
        partial(predictions_file, model, arrivals, places),
        file_name="new-pictures.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="A CSV file with a line for each new picture: its group, how sure that is, and what is nearest.",
    )


def _prepare(key: str) -> None:
    st.session_state[_READY] = key


def _file_stem(name: str) -> str:
    return "".join(c if c.isalnum() or c in " -_" else "_" for c in name)[:60].strip() or "groups"
