// The dots themselves: one WebGL trace for all pictures, one for the rings around the marked ones.

const DOTS = 0;
const RINGS = 1;
const NEAR = 24; // pictures fetched in advance around the one under the pointer

class Plot {
  constructor(Plotly, root, on) {
    Object.assign(this, { Plotly, root, on });
    this.tool = "lasso";
    this.selected = [];
    // Plotly tells of a double click with some tools only. The view changes when Plotly has finished with the click.
    const reset = () => setTimeout(() => this.act("reset"));
    const press = ({ detail }) => detail === 2 && window.addEventListener("mouseup", reset, { once: true, capture: true });
    root.addEventListener("mousedown", press, { capture: true });
    this.watch = new ResizeObserver(() => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.layout && this.Plotly.Plots.resize(this.root));
    });
  }

  /** Draw anew when the coordinates are others; otherwise change only what changed, and keep zoom and selection. */
  async draw(next) {
    const theme = this.theme();
    const changedSelection = String(next.selected) !== String(this.shownSelection ?? "");
    this.shownSelection = next.selected;
    if (next.layout !== this.layout) {
      this.selected = next.selected;
      await this.drawAnew(next, theme);
    } else {
      await this.restyle(next, theme, changedSelection);
    }
    Object.assign(this, { marked: String(next.marked), look: this.lookOf(next, theme), text: theme.text });
    this.tell();
  }

  /** Everything that the dots' colours depend on. */
  lookOf({ labelled, colors }, theme) {
    return [labelled, ...colors, ...Object.values(theme)].join(" ");
  }

  async drawAnew(next, theme) {
    const { x, y } = next.coordinates;
    Object.assign(this, { layout: next.layout, x, y, home: { x: padded(x), y: padded(y) } });
    const type = hasWebGL() ? "scattergl" : "scatter";
    const size = dotSize(x.length);
    const dots = {
      type,
      x,
      y,
      mode: "markers",
      hoverinfo: "none", // no label of Plotly's; its events still come
      marker: { size, line: { width: 0 }, opacity: 0.9, ...this.coloring(next) },
      selectedpoints: next.selected.length ? next.selected : null,
      selected: { marker: { opacity: 1 } },
      unselected: { marker: { opacity: 0.14 } },
    };
    const rings = {
      type,
      ...this.ringsAt(next.marked),
      mode: "markers",
      hoverinfo: "skip",
      marker: { symbol: "circle-open", size: size + 9, color: theme.text, line: { width: 2.5 } },
      unselected: { marker: { opacity: 1 } },
    };
    const config = {
      displayModeBar: false,
      scrollZoom: true,
      doubleClick: false,
      showTips: false,
      plotGlPixelRatio: Math.min(devicePixelRatio, 2), // 2 by default: four times the work on a plain screen
    };
    await this.Plotly.newPlot(this.root, [dots, rings], this.layoutOf(theme), config);
    this.listen();
    this.watch.observe(this.root);
  }

  layoutOf(theme) {
    const axis = { visible: false, fixedrange: false };
    const outline = { line: { color: theme.text, width: 1.5, dash: "dot" } };
    return {
      margin: { l: 0, r: 0, t: 0, b: 0 },
      xaxis: { ...axis, range: [...this.home.x] }, // copies: Plotly writes into what it is given
      yaxis: { ...axis, range: [...this.home.y] },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      showlegend: false,
      hovermode: "closest",
      hoverdistance: 12,
      dragmode: this.tool,
      newselection: { mode: "immediate", ...outline },
      activeselection: { fillcolor: "rgba(0,0,0,0)" },
    };
  }

  /** Colours as numbers with a scale of steps: strings for each dot would cost more than drawing them. */
  coloring({ labels, colors }) {
    const steps = colors.flatMap((color, at) => [
      [at / colors.length, color],
      [(at + 1) / colors.length, color],
    ]);
    return { color: labels, cmin: -1.5, cmax: colors.length - 1.5, colorscale: steps, showscale: false };
  }

  ringsAt(marked) {
    return { x: marked.map((index) => this.x[index]), y: marked.map((index) => this.y[index]) };
  }

  async restyle(next, theme, changedSelection) {
    const dots = {};
    const rings = {};
    const relayout = {};
    const newLook = this.lookOf(next, theme) !== this.look;
    if (newLook) {
      for (const [name, value] of Object.entries(this.coloring(next))) dots[`marker.${name}`] = value;
      rings["marker.color"] = theme.text;
      if (theme.text !== this.text) relayout["newselection.line.color"] = theme.text;
    }
    if (String(next.marked) !== this.marked) Object.assign(rings, this.ringsAt(next.marked));
    if (changedSelection && String(next.selected) !== String(this.selected)) {
      this.selected = next.selected;
      dots.selectedpoints = next.selected.length ? next.selected : null;
      relayout.selections = [];
    }
    const changes = merge(dots, rings);
    if (Object.keys(changes).length || relayout.selections) {
      await this.Plotly.update(this.root, changes, relayout, [DOTS, RINGS]);
    }
  }

  listen() {
    const indices = (event) =>
      event.points.filter((point) => point.curveNumber === DOTS).map((point) => point.pointIndex);
    this.root.removeAllListeners();
    this.root.on("plotly_hover", (event) => {
      const [index] = indices(event);
      if (index === undefined) return;
      this.root.dataset.over = index;
      const place = this.placeOf(index);
      this.on.pointed(index, place, this.nearest(index));
    });
    this.root.on("plotly_unhover", () => {
      delete this.root.dataset.over;
      this.on.left();
    });
    this.root.on("plotly_click", (event) => {
      const [index] = indices(event);
      if (index !== undefined) this.on.picked(index);
    });
    this.root.on("plotly_selected", (event) => event && this.report(indices(event)));
    this.root.on("plotly_deselect", () => this.report([]));
    this.root.on("plotly_relayouting", () => this.on.left());
  }

  report(indices) {
    indices.sort((a, b) => a - b);
    if (String(indices) === String(this.selected)) return;
    this.selected = indices;
    this.on.selected(indices);
    this.tell();
  }

  clearSelection() {
    if (!this.selected.length) return;
    this.Plotly.update(this.root, { selectedpoints: [null] }, { selections: [] }, [DOTS]);
    this.report([]);
  }

  /** Tell what is selected and which tool is in use. */
  tell() {
    this.on.state({ tool: this.tool, selected: this.selected.length });
  }

  /** Do what a button says. */
  act(action) {
    if (!this.layout) return;
    const zoom = { in: 1 / 1.5, out: 1.5 }[action];
    if (zoom) {
      const { xaxis, yaxis } = this.root._fullLayout;
      this.Plotly.relayout(this.root, {
        "xaxis.range": scaled(xaxis.range, zoom),
        "yaxis.range": scaled(yaxis.range, zoom),
      });
    } else if (action === "reset") {
      this.Plotly.relayout(this.root, { "xaxis.range": [...this.home.x], "yaxis.range": [...this.home.y] });
    } else {
      this.tool = action;
      this.Plotly.relayout(this.root, { dragmode: action });
      this.tell();
    }
  }

  /** Where a dot is in the window, in CSS pixels. */
  placeOf(index) {
    const { xaxis, yaxis } = this.root._fullLayout;
    const { left, top } = this.root.getBoundingClientRect();
    return { x: left + xaxis._offset + xaxis.d2p(this.x[index]), y: top + yaxis._offset + yaxis.d2p(this.y[index]) };
  }

  /** The dots nearest to one of them on the screen, nearest first: the pointer's likely next stops. */
  nearest(index) {
    const { xaxis, yaxis } = this.root._fullLayout;
    const wide = xaxis._length / (xaxis.range[1] - xaxis.range[0]);
    const high = yaxis._length / (yaxis.range[1] - yaxis.range[0]);
    const found = []; // [distance, index], ascending, at most NEAR
    for (let other = 0; other < this.x.length; other++) {
      const distance = ((this.x[other] - this.x[index]) * wide) ** 2 + ((this.y[other] - this.y[index]) * high) ** 2;
      if (found.length === NEAR && distance >= found[NEAR - 1][0]) continue;
      let at = found.length;
      while (at > 0 && found[at - 1][0] > distance) at--;
      found.splice(at, 0, [distance, other]);
      if (found.length > NEAR) found.pop();
    }
    return found.map(([, other]) => other).filter((other) => other !== index);
  }

  theme() {
    const styles = getComputedStyle(this.root);
    return { text: styles.getPropertyValue("--st-text-color").trim() || "#808080" };
  }

  destroy() {
    this.watch.disconnect();
    cancelAnimationFrame(this.frame);
    if (this.layout) this.Plotly.purge(this.root); // gives the WebGL context back: browsers allow only a few
  }
}

/** Smaller dots for more pictures, so that a crowd stays a crowd of dots. */
function dotSize(count) {
  return Math.max(3, Math.min(10, 34 / Math.max(count, 1) ** 0.22));
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

function scaled([low, high], factor) {
  const middle = (low + high) / 2;
  const half = ((high - low) / 2) * factor;
  return [middle - half, middle + half];
}

/** Changes of two traces in the form of `Plotly.update`: for each name one value per trace, undefined for "as it is". */
function merge(dots, rings) {
  const names = new Set([...Object.keys(dots), ...Object.keys(rings)]);
  return Object.fromEntries([...names].map((name) => [name, [dots[name], rings[name]]]));
}

function hasWebGL() {
  return Boolean(document.createElement("canvas").getContext("webgl"));
}
