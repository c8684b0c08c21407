"""Projects for the tests of the screen Pictures, and what a person does with them there."""

from imgcluster.features.store import Store
from imgcluster.keeping.projects.project import Project
from imgcluster.keeping.projects.project_file import parts_of, save_project
from imgcluster.ui.project.saving import writer_of
from imgcluster.ui.register import jobs


def gone_back(page, own_cache):
    """Choose 5 groups, and go to the screen Pictures when that is saved, with its cover."""
    page.app.slider("n_clusters").set_value(5)
    page.run()
    writer = writer_of(str(own_cache))
    writer.finish()
    page.go("pictures")
    writer.finish()
    return page


def some_project(number=0, **facts):
    day = f"2026-11-{1 + number % 28:02}T10:00:00+00:00"
    place = {"kind": "folder", "location": f"/some/where/{number}", "created": day, "changed": day}
    return Project(**{"id": f"{number:012x}", "name": f"project {number}", "features": "colour", **place} | facts)


def projects(page):
    """The names on the list."""
    return [readable(button.label) for button in opening(page)]


def opening(page):
    return [button for button in page.app.button if (button.key or "").startswith("project-open-")]


def readable(markdown):
    return markdown.replace("\\", "")


def said(page):
    return readable("\n".join(box.value for box in page.app.success))


def led_to_groups(page):
    """Wait until the page has gone on by itself; only a browser stays there."""
    for _ in range(3):
        if page.screen == "groups":
            return page.go("groups").settle()
        page.settle()
    raise AssertionError(page.text)


def open_menu(page, key):
    state = page.app.session_state
    n_closed = state["project_menus_closed"] if "project_menus_closed" in state else 0  # noqa: SIM401 (has no get)
    state[f"project-menu-{key}-{n_closed}"] = True
    return page.run()


def sent_file(kept, path, *, with_parts=True):
    """Write the file of the one project that there is, as the screen Export does."""
    grouping = next(job.result for key, job in jobs()._jobs.items() if "/groups/" in key)
    parts = parts_of(grouping.features, grouping.space, grouping.series, images=grouping.collection.images)
    with Store(kept.directory.parent / "store.sqlite") as store:
        thumbnails = store.thumbnails(grouping.features.hashes)
    project = kept.load(kept.list()[0].id)
    save_project(path, project, parts=parts if with_parts else None, thumbnails=thumbnails, private=False)
    return path


def upload(page, path):
    data = path if isinstance(path, bytes) else path.read_bytes()
    field = next(field for field in page.app.file_uploader if field.label == "Open a project file")
    field.set_value([("holiday.imgcluster", data, "application/octet-stream")])
    return page.run()


def forget_everything(page):
    """Be the program after a restart."""
    jobs().forget("")
    return page
