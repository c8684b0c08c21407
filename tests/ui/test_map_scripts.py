"""Parts of the map's scripts without a browser: what a lasso holds, and what is drawn one after the other."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from imgcluster.ui.components._shared import source

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")

# A map with a flat plot on a stand-in for Plotly, which notes what it is asked for and answers when it is told to.
# Every other picture has a dot. `rest()` lets the time pass after which the slider counts as at rest.
STAGE = """
globalThis.devicePixelRatio = 1;
globalThis.document = { createElement: () => ({ getContext: () => ({}) }) };
globalThis.getComputedStyle = () => ({ getPropertyValue: () => "#000000" });
globalThis.ResizeObserver = class { observe() {} disconnect() {} };
globalThis.cancelAnimationFrame = () => {};
let due = null; // what waits for a timer
globalThis.setTimeout = (work) => (due = work);
globalThis.clearTimeout = (timer) => { if (timer === due) due = null; };

const log = [], pending = [];
console.error = (...words) => log.push(["error", ...words.map(String)]);
process.on("unhandledRejection", (error) => log.push(["unhandled", String(error)]));
const turn = () => new Promise((go) => setImmediate(go)); // all that can happen now has happened

const COUNT = 12, drawn = Int32Array.from({ length: COUNT / 2 }, (_, at) => 2 * at);
const layer = () => ({ seen: [], update(updates) { this.seen.push(updates); } });
const scene = { scatter2d: layer(), select2d: false, dirty: false, draw() { log.push(["recolored"]); } };
const root = {
  dataset: {}, isConnected: true, addEventListener() {}, on() {}, removeAllListeners() {}, emit() {},
  layout: {}, data: [], _fullData: [],
  calcdata: [0, 1, 2, 3].map((index) => [{ t: { index } }]),
  _fullLayout: { _plots: { xy: { _scene: scene } }, _glcanvas: { data: () => [] } },
};
const Plotly = {
  async newPlot(_, traces) {
    root.data = traces;
    root._fullData = traces.map((trace) => ({ marker: { ...trace.marker } }));
    scene.markerOptions = traces.map(({ x }) => ({ colors: Array(x.length).fill(null) }));
  },
  update(_, changes, relayout, traces) {
    log.push(["begin", traces.length === 1 ? "settle" : "draw"]);
    return new Promise((done, fail) => pending.push({ fail, done: () => { log.push(["end"]); done(); } }));
  },
  purge() { log.push(["purge"]); },
};
const nothing = { hide() {}, show() {}, clear() {}, update() {}, place() {} };
const map = Object.create(ImageMap.prototype);
Object.assign(map, { updates: Promise.resolve(), canvas: root, toolbar: nothing, card: nothing, landmarks: nothing });
const labels = (k) => Int16Array.from({ length: COUNT }, (_, index) => index % k);
map.header = { collection: "c", landmarks: [], marked: [], paints: [] };
map.plot = map.plotOf(Plotly, FlatPlot);
const draw = (k, marked = []) => map.later(() => map.plot.draw({
  layout: "same", coordinates: { x: new Float32Array(COUNT), y: new Float32Array(COUNT), drawn },
  painted: String(k), codes: labels(k), colors: ["#808080", "#111111", "#222222", "#333333", "#444444"],
  dotScale: 1, besides: [1, 3, 5].slice(0, k - 1), marked, selected: [],
}));
const rest = () => { const work = due; due = null; work?.(); };
"""


def run(script: str):
    """Run a script behind the map's own; return what it hands to `say`."""
    own = source(
        "shared.js",
        *(
            f"map_{part}.js"
            for part in ("card", "toolbar", "landmarks", "outlines", "plot", "recolor", "flat", "solid")
        ),
        "map.js",
    )
    listen = "globalThis.window = { addEventListener() {} };\n"
    say = "const say = (value) => process.stdout.write(JSON.stringify(value));\n"
    answer = subprocess.run(
        ["node", "--input-type=module", "-"],
        input=listen + own + say + script,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def turns(corners, points) -> np.ndarray:
    """How often each point (n, 2) is gone round by a polygon: the angles at it, added up."""
    arms = np.asarray(corners, dtype=float)[None] - points[:, None]
    angles = np.angle((arms[..., 0] + 1j * arms[..., 1]) / np.roll(arms[..., 0] + 1j * arms[..., 1], 1, axis=1))
    return np.rint(angles.sum(axis=1) / (2 * np.pi)).astype(int)


def test_a_hole_is_outside_and_selections_are_taken_together():
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 11, (400, 2))
    outer, hole = (
        [(middle - half, middle - half), (middle + half, middle - half), (middle + half, middle + half), (middle, top)]
        for middle, half, top in ((4.0, 3.5, 10.0), (4.0, 1.5, 6.0))
    )
    island = [(3.6, 3.6), (4.4, 3.7), (4.0, 4.4)]
    box = [(2.8, 3.0), (3.4, 3.0), (3.4, 9.5), (2.8, 9.5)]
    path = "".join("M" + "L".join(f"{x},{y}" for x, y in part) + "Z" for part in (outer, hole, island))
    selections = [{"type": "path", "path": path}, {"type": "rect", "x0": 2.8, "y0": 3.0, "x1": 3.4, "y1": 9.5}]
    found = run(
        f"const points = {json.dumps(points.tolist())}, places = points.map(() => -1);"
        "const [x, y] = [0, 1].map((axis) => points.map((point) => point[axis]));"
        "const map = { x, y, places, drawn: [], indices: () => [] };"  # none has a dot that Plotly could tell of
        f"say(FlatPlot.prototype.within.call(map, {{ selections: {json.dumps(selections)} }}));"
    )
    n_around = sum(np.abs(turns(part, points)) for part in (outer, hole, island))
    in_box = turns(box, points) != 0
    expected = (n_around % 2 == 1) | in_box
    assert found == np.flatnonzero(expected).tolist()
    assert (n_around == 2).sum() > 5 and (in_box & (n_around == 2)).any() and (in_box & (n_around == 1)).any()


@pytest.mark.parametrize("selections", ["[]", '[{ type: "path", path: "" }]', '[{ type: "path", path: "M1,1Z" }]'])
def test_a_selection_of_nothing_holds_nothing(selections):
    assert run(f"say(outlinesOf({selections}).some((outlines) => isInside(outlines, 1, 1)));") is False


def test_new_colours_reach_the_layer_of_the_selected_dots_too():
    seen = run(
        STAGE
        + """
        draw(4); await turn();
        draw(3); await turn(); // as long as there is no such layer
        const without = scene.scatter2d.seen.length;
        scene.select2d = layer();
        draw(2); await turn();
        const [updates] = scene.select2d.seen;
        say({ without, same: updates === scene.scatter2d.seen[1], updates, log });
        """
    )
    assert seen["without"] == 1 and seen["same"] and seen["log"] == [["recolored"], ["recolored"]]
    beneath, dots, besides, rings = seen["updates"]
    assert beneath is None and rings is None and len(besides["colors"]) == 3  # JSON has no undefined
    assert [round(255 * color[0]) for color in dots["colors"]] == [0x11] * 6


def test_what_waits_for_the_slider_is_drawn_after_what_is_being_drawn():
    log = run(
        STAGE
        + """
        draw(4); await turn();
        draw(3, [0]); await turn(); // new colours at once; then a ring, which Plotly takes its time for
        rest(); await turn();
        pending[0].done(); await turn();
        pending[1].done(); await turn();
        say([...log, ["besides", map.plot.besides]]);
        """
    )
    assert log == [["recolored"], ["begin", "draw"], ["end"], ["begin", "settle"], ["end"], ["besides", [1, 3]]]


def test_what_is_overtaken_by_another_number_of_groups_is_not_drawn():
    log = run(
        STAGE
        + """
        draw(4); await turn();
        draw(3, [0]); await turn();
        draw(2, [0]); // waits for the one before
        rest(); await turn();
        pending[0].done(); await turn();
        const before = [...log];
        rest(); await turn();
        say([before, log.slice(before.length), map.plot.besides]);
        """
    )
    assert log == [[["recolored"], ["begin", "draw"], ["end"], ["recolored"]], [["begin", "settle"]], [1]]


def test_a_map_that_is_gone_draws_nothing_more_and_complains_of_nothing():
    due, under_way = (
        run(
            STAGE
            + "draw(4); await turn(); draw(3, MARKED); await turn(); rest(); await turn(); map.destroy();".replace(
                "MARKED", marked
            )
            + "pending[0].fail(new Error('purged')); await turn(); rest(); await turn(); say(log);"
        )
        for marked in ("[0]", "[]")
    )
    assert due == [["recolored"], ["begin", "draw"], ["purge"]]
    assert under_way == [["recolored"], ["begin", "settle"], ["purge"]]


def test_another_kind_of_map_ends_what_waits_for_the_slider():
    log = run(
        STAGE
        + """
        draw(4); await turn();
        draw(3, [0]); await turn();
        map.later(() => map.plot.destroy());
        rest(); await turn();
        pending[0].done(); await turn();
        map.plot.act("in"); // as a double click does, a moment later
        await map.plot.resize();
        say(log);
        """
    )
    assert log == [["recolored"], ["begin", "draw"], ["end"], ["purge"]]
