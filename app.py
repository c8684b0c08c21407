"""Start the app: ``streamlit run app.py``."""

from imgcluster.ui import router

router.run()
