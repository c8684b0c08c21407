// The flat map: WebGL traces for all pictures, for those of no group beneath them, and for the rings around the marked.

class FlatPlot extends Plot {
  static SOLID = false;
  // In the order in which they are drawn.
  static BENEATH = 0;
  static DOTS = 1;
  static RINGS = 2;
  static ALL = [FlatPlot.BENEATH, FlatPlot.DOTS, FlatPlot.RINGS];

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
        x: this.x,
        y: this.y,
        hoverinfo: "none", // no label of Plotly's; its events still come
        marker: { size, line: { width: 0 }, opacity: 0.9, ...this.coloring(next.codes, above(next.colors)) },
        selectedpoints: this.selected.length ? this.selected : null,
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
    codes.forEach((code, index) => code < 0 && this.grey.push(index));
    return { ...this.at(this.grey), selectedpoints: this.selectedBeneath() };
  }

  selectedBeneath() {
    if (!this.selected.length) return null;
    const selected = new Set(this.selected);
    return this.grey.flatMap((index, position) => (selected.has(index) ? [position] : []));
  }

  async restyle(next, theme, changedSelection) {
    const beneath = {};
    const dots = {};
    const rings = {};
    const relayout = {};
    if (changedSelection && String(next.selected) !== String(this.selected)) {
      this.selected = next.selected;
      await this.eraseOutlines();
      dots.selectedpoints = next.selected.length ? next.selected : null;
      beneath.selectedpoints = this.selectedBeneath();
    }
    if (this.lookOf(next, theme) !== this.look) {
      const size = this.sizeOf(next);
      Object.assign(dots, ofMarker({ size, ...this.coloring(next.codes, above(next.colors)) }));
      Object.assign(rings, ofMarker({ size: size + 9, color: theme.text }));
      const before = this.grey.length;
      const now = this.beneath(next);
      if (before || this.grey.length) Object.assign(beneath, now, ofMarker({ size, color: next.colors[0] }));
      if (theme.text !== this.text) relayout["newselection.line.color"] = theme.text;
    }
    if (String(next.marked) !== this.marked) Object.assign(rings, this.at(next.marked));
    const changes = merge(beneath, dots, rings);
    if (Object.keys(changes).length) {
      await this.Plotly.update(this.root, changes, relayout, FlatPlot.ALL);
    }
  }

  listen() {
    super.listen();
    this.root.on("plotly_click", (event) => {
      const [index] = this.indices(event);
      if (index !== undefined) this.on.picked(index);
    });
    this.root.on("plotly_selected", (event) => event && !this.erasing && this.report(this.indices(event)));
    this.root.on("plotly_deselect", () => this.report([]));
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
    await this.Plotly.restyle(this.root, { selectedpoints: [null, null] }, [FlatPlot.BENEATH, FlatPlot.DOTS]);
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

function hasWebGL() {
  return Boolean(document.createElement("canvas").getContext("webgl"));
}
