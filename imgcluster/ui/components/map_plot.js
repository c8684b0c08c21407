// What the flat map and the solid one have in common: when to draw anew and when to change, colours, selection, hovering.

const NEAR = 24; // pictures fetched in advance around the one under the pointer

class Plot {
  constructor(Plotly, root, on) {
    Object.assign(this, { Plotly, root, on, tool: null, selected: [], listeners: new AbortController() });
    const { signal } = this.listeners;
    // Plotly tells of a double click with some tools only. The view changes when Plotly has finished with the click.
    const reset = () => setTimeout(() => this.act("reset"));
    const released = { once: true, capture: true, signal };
    const press = ({ detail }) => detail === 2 && window.addEventListener("mouseup", reset, released);
    root.addEventListener("mousedown", press, { capture: true, signal });
    this.watch = new ResizeObserver(() => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.resize());
    });
  }

  /** Draw anew when the coordinates are others; otherwise change only what changed, and keep view and selection. */
  async draw(next) {
    clearTimeout(this.settling);
    this.latest = next;
    const theme = this.theme();
    const changedSelection = String(next.selected) !== String(this.shownSelection ?? "");
    this.shownSelection = next.selected;
    if (next.layout !== this.layout) {
      this.selected = next.selected;
      this.take(next);
      await this.Plotly.newPlot(this.root, this.traces(next, theme), this.layoutOf(theme), this.config());
      this.listen();
      this.watch.observe(this.root);
    } else {
      await this.restyle(next, theme, changedSelection);
    }
    const [look, form] = [this.lookOf(next, theme), this.formOf(next, theme)];
    Object.assign(this, { marked: String(next.marked), look, form, text: theme.text });
    this.tell();
  }

  /** Keep where all pictures are, and which have a dot: all, or a sample and a few besides, which may change. */
  take({ layout, coordinates: { x, y, z, drawn } }) {
    Object.assign(this, { layout, x, y, z, drawn });
    this.places = drawn && new Int32Array(x.length).fill(-1);
    drawn?.forEach((index, place) => (this.places[index] = place));
  }

  /** Of what belongs to all pictures, that of those with a dot. */
  ofDots(values) {
    return this.drawn ? chosenFrom(values, this.drawn) : values;
  }

  /** Which dots belong to some pictures; those without one are left out. */
  dotsOf(indices) {
    return this.drawn ? indices.map((index) => this.places[index]).filter((place) => place >= 0) : indices;
  }

  /** Give each picture that has a dot. */
  eachDrawn(give) {
    if (this.drawn) this.drawn.forEach(give);
    else for (let index = 0; index < this.x.length; index++) give(index);
  }

  /** Everything that the look of the dots depends on. */
  lookOf(next, theme) {
    return [next.painted, ...next.colors, this.formOf(next, theme)].join(" ");
  }

  /** The same without their colours. */
  formOf({ dotScale }, theme) {
    return [dotScale, ...Object.values(theme)].join(" ");
  }

  config() {
    return {
      displayModeBar: false,
      scrollZoom: true,
      doubleClick: false,
      showTips: false,
      plotGlPixelRatio: Math.min(devicePixelRatio, 2), // 2 by default: four times the work on a plain screen
    };
  }

  /** Colours as numbers with a scale of steps: strings for each dot would cost more than drawing them. */
  coloring(codes, colors) {
    const steps = colors.flatMap((color, at) => [
      [at / colors.length, color],
      [(at + 1) / colors.length, color],
    ]);
    return { color: codes, cmin: -1.5, cmax: colors.length - 1.5, colorscale: steps, showscale: false };
  }

  /** Smaller dots for more pictures, so that a crowd stays a crowd of dots. */
  sizeOf({ dotScale }) {
    return dotScale * Math.max(3, Math.min(10, 34 / Math.max((this.drawn ?? this.x).length, 1) ** 0.22));
  }

  /** The coordinates of some dots, for a trace of their own. */
  at(indices) {
    const axes = this.z ? { x: this.x, y: this.y, z: this.z } : { x: this.x, y: this.y };
    return Object.fromEntries(Object.entries(axes).map(([name, values]) => [name, chosenFrom(values, indices)]));
  }

  /** The pictures of an event: the rings, and what is drawn beneath, only repeat some. */
  indices(event) {
    const { DOTS, BESIDES } = this.constructor;
    const found = [];
    for (const { curveNumber, pointNumber } of event.points) {
      if (curveNumber === DOTS) found.push(this.drawn ? this.drawn[pointNumber] : pointNumber);
      else if (curveNumber === BESIDES) found.push(this.besides[pointNumber]);
    }
    return found;
  }

  listen() {
    this.root.removeAllListeners();
    this.root.on("plotly_hover", (event) => {
      const [index] = this.indices(event);
      if (index === undefined) return;
      this.root.dataset.over = index;
      this.on.pointed(index, this.placeOf(index), this.nearest(index));
    });
    this.root.on("plotly_unhover", () => this.leave());
    this.root.on("plotly_relayouting", () => {
      this.on.left();
      this.on.moved();
    });
    this.root.on("plotly_relayout", () => this.on.moved());
  }

  leave() {
    delete this.root.dataset.over;
    this.on.left();
  }

  async resize() {
    if (!this.layout || !this.root.isConnected) return; // Plotly refuses what was taken out of the page
    await this.Plotly.Plots.resize(this.root);
    if (this.layout) this.on.moved();
  }

  report(indices) {
    indices.sort((a, b) => a - b);
    if (String(indices) === String(this.selected)) return;
    this.selected = indices;
    this.on.selected(indices);
    this.tell();
  }

  /** Tell what is selected and which tool is in use. */
  tell() {
    this.on.state({ solid: this.constructor.SOLID, tool: this.tool, selected: this.selected.length });
  }

  /** Where a dot is in the window, in CSS pixels; `spot` says where it is on the map. */
  placeOf(index) {
    const { left, top } = this.root.getBoundingClientRect();
    const { x, y } = this.spot(index);
    return { x: left + x, y: top + y };
  }

  /** The dots nearest to one of them, nearest first: the pointer's likely next stops. */
  nearest(index) {
    const distanceTo = this.distancesFrom(index);
    const found = []; // [distance, index], ascending, at most NEAR
    this.eachDrawn((other) => {
      const distance = distanceTo(other);
      if (found.length === NEAR && distance >= found[NEAR - 1][0]) return;
      let at = found.length;
      while (at > 0 && found[at - 1][0] > distance) at--;
      found.splice(at, 0, [distance, other]);
      if (found.length > NEAR) found.pop();
    });
    return found.map(([, other]) => other).filter((other) => other !== index);
  }

  theme() {
    const styles = getComputedStyle(this.root);
    const read = (name, otherwise) => styles.getPropertyValue(name).trim() || otherwise;
    return { text: read("--st-text-color", "#808080"), ground: read("--st-background-color", "#ffffff") };
  }

  destroy() {
    this.listeners.abort();
    this.watch.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settling);
    delete this.root.dataset.over;
    if (this.layout) this.Plotly.purge(this.root); // gives the WebGL context back: browsers allow only a few
    this.layout = this.latest = null; // what is still to come finds nothing to do
  }
}

/** Those values that stand at some places, in an array of the same kind. */
function chosenFrom(values, places) {
  const found = new values.constructor(places.length);
  for (let at = 0; at < found.length; at++) found[at] = values[places[at]];
  return found;
}

/** The range of some numbers with air at both ends; of one number alone, a range around it. */
function padded(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return [-1, 1];
  const air = (high - low) * 0.05 || 1;
  return [low - air, high + air];
}

/** Changes of some traces in the form of `Plotly.update`: for each name one value per trace, undefined for "as it is". */
function merge(...traces) {
  const names = new Set(traces.flatMap(Object.keys));
  return Object.fromEntries([...names].map((name) => [name, traces.map((changes) => changes[name])]));
}

/** Changes within `marker`, as `Plotly.update` wants them. */
function ofMarker(changes) {
  return Object.fromEntries(Object.entries(changes).map(([name, value]) => [`marker.${name}`, value]));
}
