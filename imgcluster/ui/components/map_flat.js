// The flat map: WebGL traces for all pictures, or for a sample and for those drawn besides it; for those of no group
// beneath them, and for the rings around the marked.

class FlatPlot extends Plot {
  static SOLID = false;
  // In the order in which they are drawn.
  static BENEATH = 0;
  static DOTS = 1;
  static BESIDES = 2;
  static RINGS = 3;
  static OPACITY = 0.9;
  static REST = 700; // ms without a change, see `settle`
  static ALL = [FlatPlot.BENEATH, FlatPlot.DOTS, FlatPlot.BESIDES, FlatPlot.RINGS];

  constructor(...all) {
    super(...all);
    this.tool = "lasso";
  }

  traces(next, theme) {
    this.home = { x: padded(this.x), y: padded(this.y) };
    const type = hasWebGL() ? "scattergl" : "scatter";
    const size = this.sizeOf(next);
    const dots = {
      type,
      mode: "markers",
      selected: { marker: { opacity: 1 } },
      unselected: { marker: { opacity: 0.14 } },
    };
    return [
      {
        ...dots,
        name: "beneath",
        ...this.beneath(next),
        hoverinfo: "skip",
        marker: { size, line: { width: 0 }, opacity: 0.75, color: next.colors[0] },
      },
      {
        ...dots,
        name: "dots",
        x: this.ofDots(this.x),
        y: this.ofDots(this.y),
        hoverinfo: "none", // no label of Plotly's; its events still come
        marker: { size, line: { width: 0 }, opacity: FlatPlot.OPACITY, ...this.coloring(this.ofDots(next.codes), above(next.colors)) },
        selectedpoints: this.selectedDots(),
      },
      {
        ...dots,
        name: "besides",
        ...this.placedBesides(next),
        hoverinfo: "none",
        marker: { size, line: { width: 0 }, opacity: FlatPlot.OPACITY, ...this.coloringBesides(next) },
      },
      {
        type,
        mode: "markers",
        name: "rings",
        ...this.at(next.marked),
        hoverinfo: "skip",
        marker: { symbol: "circle-open", size: size + 9, color: theme.text, line: { width: 2.5 } },
        unselected: { marker: { opacity: 1 } },
      },
    ];
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

  /** Those of no group, for a trace beneath; among the others they are there for the pointer, and not seen. */
  beneath({ codes }) {
    this.grey = [];
    this.eachDrawn((index) => codes[index] < 0 && this.grey.push(index));
    return { ...this.at(this.grey), selectedpoints: this.selectedAmong(this.grey) };
  }

  /** Those drawn besides the sample; of no group among them too. */
  placedBesides({ besides }) {
    this.besides = besides;
    return { ...this.at(besides), selectedpoints: this.selectedAmong(besides) };
  }

  coloringBesides({ codes, colors, besides }) {
    return this.coloring(chosenFrom(codes, besides), colors);
  }

  selectedDots() {
    return this.selected.length ? this.dotsOf(this.selected) : null;
  }

  selectedAmong(indices) {
    if (!this.selected.length) return null;
    const selected = new Set(this.selected);
    return indices.flatMap((index, position) => (selected.has(index) ? [position] : []));
  }

  async restyle(next, theme, changedSelection) {
    const beneath = {};
    const dots = {};
    const besides = {};
    const rings = {};
    const relayout = {};
    if (changedSelection && String(next.selected) !== String(this.selected)) {
      this.selected = next.selected;
      await this.eraseOutlines();
      dots.selectedpoints = this.selectedDots();
      beneath.selectedpoints = this.selectedAmong(this.grey);
      besides.selectedpoints = this.selectedAmong(this.besides);
    }
    const size = this.sizeOf(next);
    const newLook = this.lookOf(next, theme) !== this.look;
    const isQuick = newLook && this.recolorAlone(next, theme);
    if (newLook && !isQuick) {
      Object.assign(dots, ofMarker({ size, ...this.coloring(this.ofDots(next.codes), above(next.colors)) }));
      Object.assign(rings, ofMarker({ size: size + 9, color: theme.text }));
      const before = this.grey.length;
      const now = this.beneath(next);
      if (before || this.grey.length) Object.assign(beneath, now, ofMarker({ size, color: next.colors[0] }));
      if (theme.text !== this.text) relayout["newselection.line.color"] = theme.text;
    }
    const newBesides = String(next.besides) !== String(this.besides);
    if (isQuick && newBesides) {
      this.settling = setTimeout(() => this.on.later(() => this.settle(next)), FlatPlot.REST);
    } else if ((newLook && !isQuick && next.besides.length) || newBesides) {
      Object.assign(besides, this.placedBesides(next), ofMarker({ size, ...this.coloringBesides(next) }));
    }
    if (String(next.marked) !== this.marked) Object.assign(rings, this.at(next.marked));
    const changes = merge(beneath, dots, besides, rings);
    if (Object.keys(changes).length) {
      await this.Plotly.update(this.root, changes, relayout, FlatPlot.ALL);
    }
  }

  /** Change the colours of the dots where these alone are others; return whether that was possible. */
  recolorAlone(next, theme) {
    const alone = this.formOf(next, theme) === this.form && !this.selected.length && !this.grey.length;
    if (!alone || next.codes.some((code) => code < 0)) return false;
    const palette = next.colors.slice(1).map((color) => [...fractions(color), FlatPlot.OPACITY]);
    const change = (trace, codes, colors) => ({
      trace,
      marker: this.coloring(codes, colors),
      colors: Array.from(codes, (code) => palette[code]),
    });
    const changes = [change(FlatPlot.DOTS, this.ofDots(next.codes), above(next.colors))];
    if (this.besides.length) {
      changes.push(change(FlatPlot.BESIDES, chosenFrom(next.codes, this.besides), next.colors));
    }
    return recolor(this.root, changes);
  }

  /** Draw others besides the sample, when the slider has come to rest: Plotly places all dots anew for that. */
  async settle(next) {
    if (next !== this.latest) return;
    const changes = { ...this.placedBesides(next), ...ofMarker(this.coloringBesides(next)) };
    await this.Plotly.update(this.root, merge(changes), {}, [FlatPlot.BESIDES]);
  }

  listen() {
    super.listen();
    this.root.on("plotly_click", (event) => {
      const [index] = this.indices(event);
      if (index !== undefined) this.on.picked(index);
    });
    this.root.on("plotly_selected", (event) => event && !this.erasing && this.report(this.within(event)));
    this.root.on("plotly_deselect", () => this.report([]));
  }

  /** All pictures inside what was drawn around dots, also those that have none. */
  within(event) {
    const found = this.indices(event);
    if (!this.drawn) return found;
    const [seen, selections] = [new Set(found), outlinesOf(event.selections ?? [])];
    for (let index = 0; index < this.x.length; index++) {
      if (this.places[index] >= 0 || seen.has(index)) continue;
      if (selections.some((outlines) => isInside(outlines, this.x[index], this.y[index]))) found.push(index);
    }
    return found;
  }

  /** Take away what was drawn around dots. Plotly calls that a selection of nothing, which is not what the user did. */
  async eraseOutlines() {
    if (!this.root.layout.selections?.length) return;
    this.erasing = true;
    await this.Plotly.relayout(this.root, { selections: [] });
    this.erasing = false;
  }

  async clearSelection() {
    if (!this.selected.length) return;
    this.report([]);
    await this.eraseOutlines();
    await this.Plotly.restyle(this.root, { selectedpoints: [null, null, null] }, FlatPlot.ALL.slice(0, FlatPlot.RINGS));
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

  /** Where a dot is on the map, in CSS pixels; also while it is being dragged, when Plotly's own functions lag behind. */
  spot(index) {
    const { xaxis, yaxis } = this.root._fullLayout;
    const share = ({ range: [low, high] }, value) => (value - low) / (high - low);
    return {
      x: xaxis._offset + share(xaxis, this.x[index]) * xaxis._length,
      y: yaxis._offset + (1 - share(yaxis, this.y[index])) * yaxis._length,
    };
  }

  distancesFrom(index) {
    const { xaxis, yaxis } = this.root._fullLayout;
    const wide = xaxis._length / (xaxis.range[1] - xaxis.range[0]);
    const high = yaxis._length / (yaxis.range[1] - yaxis.range[0]);
    return (other) =>
      ((this.x[other] - this.x[index]) * wide) ** 2 + ((this.y[other] - this.y[index]) * high) ** 2;
  }
}

/** The colours of the dots that are drawn above those of no group. */
function above([, ...colors]) {
  return ["rgba(0,0,0,0)", ...colors];
}

function scaled([low, high], factor) {
  const middle = (low + high) / 2;
  const half = ((high - low) / 2) * factor;
  return [middle - half, middle + half];
}

/** Asked until there is one: each context made for asking counts among the few that browsers allow. */
function hasWebGL() {
  imgcluster.webgl ||= Boolean(document.createElement("canvas").getContext("webgl"));
  return imgcluster.webgl;
}
