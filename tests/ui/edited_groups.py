"""What the tests of changing the groups by hand do on the screen Groups, and what they look at."""

import base64
from dataclasses import replace

import numpy as np

from imgcluster.cache import Workspace
from imgcluster.editing.history import carried_out
from imgcluster.ui.project.projects import library
from imgcluster.ui.project.saving import writer_of
from imgcluster.ui.register import jobs

N_IMAGES = 150  # as in conftest.py


def set_clusters(page, n_clusters):
    page.app.slider("n_clusters").set_value(n_clusters)
    return page.run()


def grouped():
    return next(job.result for key, job in jobs()._jobs.items() if "/groups/" in key)


def state(page, name):
    return page.app.session_state.get(name, None)


def stored(page):
    """The project as it is on the disk: what another start of the program would show."""
    writer_of(str(Workspace.default().directory)).finish()
    return library().load(page.app.session_state["source"].id)


def shown(page):
    """The groups that the screen shows, with all changes that are on the disk."""
    _, found = page.app.session_state["shown_partition"]
    return replace(found, groups=carried_out(found.groups, stored(page).history).groups)


def open_group(page, number):
    return page.happen("strips", "clicked", {"cluster": number, "edit": True})


def rename(page, number, name):
    open_group(page, number)
    page.app.text_input("group-name").set_value(name)
    return page.click("Save name").run()


def pack(indices):
    bits = np.packbits(np.isin(np.arange(N_IMAGES), list(indices)), bitorder="little")
    return base64.b64encode(bits).decode()
