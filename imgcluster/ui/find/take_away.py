"""What Find made, to be taken away: where the new pictures go, as a table."""

from functools import partial

import streamlit as st

from imgcluster.features.extraction import Extraction
from imgcluster.predicting.model import ClusterModel
from imgcluster.predicting.predict import Prediction
from imgcluster.ui.find.model import predictions_file

__all__ = ["offer_predictions"]


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
