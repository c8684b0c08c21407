// The map component: takes Python's messages apart and hands them to the plot, the toolbar and the card.

const maps = new WeakMap(); // parentElement -> ImageMap

/** What is big and sent once: the promise of Plotly, and coordinates by fingerprint (the latest few layouts). */
imgcluster.plotly ??= null;
imgcluster.layouts ??= new Map();
const MAX_LAYOUTS = 8;

/**
 * Run plotly.js as a CommonJS module of its own, so that it neither sees nor replaces a Plotly that Streamlit loads.
 */
async function loadPlotly(gzipped) {
  const unzipped = new Blob([gzipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = await new Response(unzipped).text();
  const wrapped = `const module = { exports: {} }; const exports = module.exports;\n${script}\nexport default module.exports;`;
  const url = URL.createObjectURL(new Blob([wrapped], { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function keepLayout({ layout, dims }, bytes, sample) {
  const values = new Float32Array(bytes.buffer);
  const count = values.length / dims;
  const axes = ["x", "y", "z"].slice(0, dims);
  const coordinates = axes.map((name, at) => [name, values.subarray(at * count, (at + 1) * count)]);
  const drawn = sample && new Int32Array(sample.buffer);
  imgcluster.layouts.set(layout, { ...Object.fromEntries(coordinates), drawn });
  for (const old of imgcluster.layouts.keys()) {
    if (imgcluster.layouts.size <= MAX_LAYOUTS) break;
    imgcluster.layouts.delete(old);
  }
}

/** One bit per picture, lowest bit first, as base64: 5 kB for any selection among 32,000. */
function packIndices(indices, count) {
  const bits = new Uint8Array(Math.ceil(count / 8));
  for (const index of indices) bits[index >> 3] |= 1 << (index & 7);
  let text = "";
  for (let at = 0; at < bits.length; at += 8192) text += String.fromCharCode(...bits.subarray(at, at + 8192));
  return btoa(text);
}

function unpackIndices(bits) {
  const indices = [];
  bits.forEach((byte, at) => {
    for (let bit = 0; byte >> bit; bit++) if ((byte >> bit) & 1) indices.push(8 * at + bit);
  });
  return indices;
}

class ImageMap {
  constructor(parentElement) {
    this.root = parentElement.querySelector(".imgcluster-map");
    this.canvas = element("div", { className: "imgcluster-map-canvas", tabIndex: -1 }, { role: "img" });
    // Plotly keeps the browser from moving the focus, and Escape must find its way here after a lasso.
    this.canvas.addEventListener("mousedown", () => this.canvas.focus({ preventScroll: true }), { capture: true });
    this.toolbar = new Toolbar((action) => this.plot?.act(action));
    this.landmarks = new Landmarks();
    this.card = new Card();
    const view = element("div", { className: "imgcluster-map-view" }, {}, [this.canvas, this.landmarks.root]);
    this.root.replaceChildren(this.toolbar.root, view, this.card.root);
    this.root.addEventListener("keydown", (press) => {
      if (press.key === "Escape") this.plot?.clearSelection();
    });
    this.updates = Promise.resolve();
  }

  /** Streamlit calls again on new data and on a change of theme. Updates wait for each other: drawing is async. */
  update(component) {
    this.send = component.setTriggerValue;
    const message = readFrame(component.data);
    this.canvas.setAttribute("aria-label", message.header.description); // also while Plotly is on its way
    this.later(() => this.draw(message));
  }

  /** Do something when all that was asked for before is done. */
  later(work) {
    const failed = (error) => this.destroyed || console.error("imgcluster map:", error); // Plotly misses what was purged
    this.updates = this.updates.then(work).catch(failed);
  }

  async draw({ header, blobs: [labels, painted, selected, coordinates, sample, plotly] }) {
    if (this.destroyed) return;
    if (plotly) imgcluster.plotly ??= loadPlotly(plotly);
    if (coordinates) keepLayout(header, coordinates, sample);
    const need = [];
    if (!imgcluster.plotly) need.push("plotly");
    if (!imgcluster.layouts.has(header.layout)) need.push(header.layout);
    if (need.length) {
      imgcluster.thumbnails.disturb();
      this.send("need", need);
      return;
    }
    const Plotly = await imgcluster.plotly;
    if (this.destroyed) return;

    this.root.style.setProperty("--imgcluster-height", `${header.height}px`);
    this.labels = new Int16Array(labels.buffer);
    this.codes = painted ? new Int16Array(painted.buffer) : this.labels;
    this.header = header;
    const { shown } = this.card;
    if (shown && header.layout === this.plot?.layout) this.showCard(shown.index, shown.place, shown.near);
    else this.card.hide();
    this.plot = this.plotOf(Plotly, header.dims === 3 ? SolidPlot : FlatPlot);
    await this.plot.draw({
      layout: header.layout,
      coordinates: imgcluster.layouts.get(header.layout),
      painted: header.painted,
      codes: this.codes,
      colors: header.paints,
      dotScale: header.dotScale,
      besides: header.besides,
      marked: header.marked,
      selected: unpackIndices(selected),
    });
  }

  /** The plot that there is, if it is of the right kind; otherwise another in its place. */
  plotOf(Plotly, Kind) {
    if (this.plot instanceof Kind) return this.plot;
    this.plot?.destroy();
    return new Kind(Plotly, this.canvas, {
      picked: (index) => this.send("picked", index),
      selected: (indices) => this.send("selected", packIndices(indices, this.labels.length)),
      pointed: (index, place, near) => this.showCard(index, place, near),
      left: () => this.card.hide(),
      moved: () => this.landmarks.place(this.plot),
      later: (work) => this.later(work),
      state: (state) => {
        this.toolbar.show(state);
        this.showLandmarks(); // what is not selected is faint
      },
    });
  }

  showCard(index, place, near) {
    const { collection, names } = this.header;
    const name = names[this.labels[index] + 1]; // names and colours begin with that of no group
    this.card.show({ collection, index, near, name, color: this.colorOf(index), place });
  }

  showLandmarks() {
    const { collection, landmarks: indices, marked } = this.header;
    const color = (index) => this.colorOf(index);
    this.landmarks.update({ collection, indices, marked, color, selected: this.plot.selected });
    this.landmarks.place(this.plot);
  }

  colorOf(index) {
    return this.header.paints[this.codes[index] + 1];
  }

  destroy() {
    this.destroyed = true;
    this.card.hide();
    this.landmarks.clear();
    this.plot?.destroy();
  }
}

export default function (component) {
  return show(maps, ImageMap, component);
}
