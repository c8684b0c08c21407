// The map in three dimensions: it turns. Nothing can be lassoed in it, but what is selected is seen.

class SolidPlot extends Plot {
  static SOLID = true;
  static DOTS = 0;
  static BESIDES = 1;
  static RINGS = 2;
  static ALL = [SolidPlot.DOTS, SolidPlot.BESIDES, SolidPlot.RINGS];
  static STEP = Math.PI / 12; // radians that a press on a "turn" button turns
  static SLIP = 4; // px that the pointer may move during a click
  static DOT = 0.6; // Plotly draws a dot of the same size larger here
  static FAINT = 0.15; // of its colour is left to a dot that is not selected, and
  static SMALL = 0.6; // of its size, or those in front would hide the others
  static OF_MANY = 2; // Plotly draws a dot half as large where each has a size of its own

  constructor(...all) {
    super(...all);
    const { signal } = this.listeners;
    let pressed = null;
    this.root.addEventListener("pointerdown", (press) => (pressed = press), { capture: true, signal });
    // Plotly tells of a click as soon as the button goes down on a dot, which is how many a turn of the map begins.
    const click = ({ clientX, clientY }) => {
      const { over } = this.root.dataset;
      const moved = pressed && Math.hypot(clientX - pressed.clientX, clientY - pressed.clientY);
      if (over !== undefined && moved <= SolidPlot.SLIP) this.on.picked(Number(over));
    };
    this.root.addEventListener("click", click, { capture: true, signal });
    this.root.addEventListener("pointerleave", () => this.leave(), { signal });
  }

  traces(next, theme) {
    Object.assign(this, { next, ground: theme.ground });
    const dots = { type: "scatter3d", mode: "markers" };
    return [
      {
        ...dots,
        name: "dots",
        x: this.ofDots(this.x),
        y: this.ofDots(this.y),
        z: this.ofDots(this.z),
        hoverinfo: "none", // no label of Plotly's; its events still come
        marker: { line: { width: 0 }, opacity: 1, ...this.paintingOfDots() },
      },
      {
        ...dots,
        name: "besides",
        ...this.placedBesides(),
        hoverinfo: "none",
        marker: { line: { width: 0 }, opacity: 1, ...this.paintingBesides() },
      },
      {
        ...dots,
        name: "rings",
        ...this.at(next.marked),
        hoverinfo: "skip",
        marker: { symbol: "circle-open", size: this.sizeOf(next) + 7, color: theme.text, line: { width: 2.5 } },
      },
    ];
  }

  layoutOf(theme) {
    return {
      margin: { l: 0, r: 0, t: 0, b: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      showlegend: false,
      scene: {
        xaxis: this.axis(this.x, theme),
        yaxis: this.axis(this.y, theme),
        zaxis: this.axis(this.z, theme),
        aspectmode: "data",
        bgcolor: "rgba(0,0,0,0)",
        hovermode: "closest",
        dragmode: "turntable",
        camera: this.homeCamera(),
      },
    };
  }

  /** The edges of a box and nothing else: they show how the map is turned. */
  axis(values, theme) {
    return {
      range: padded(values),
      title: { text: "" },
      showbackground: false,
      showgrid: false,
      zeroline: false,
      showticklabels: false,
      ticks: "",
      showspikes: false,
      showline: true,
      mirror: true,
      linecolor: mixed(theme.text, theme.ground, 0.25),
      linewidth: 1,
    };
  }

  /** A look from slightly above, at the middle of what is seen; from further away where there is little width. */
  homeCamera() {
    const { clientWidth: width, clientHeight: height } = this.root;
    const away = Math.max(1, height / Math.max(width, 1));
    return { eye: { x: 1.4 * away, y: 1.4 * away, z: 0.5 * away }, center: { x: 0, y: 0, z: -0.12 } };
  }

  sizeOf(next) {
    return SolidPlot.DOT * super.sizeOf(next);
  }

  paintingOfDots() {
    return this.painting(this.ofDots(this.next.codes), this.dotsOf(this.selected));
  }

  paintingBesides() {
    const selected = new Set(this.selected);
    const chosen = this.besides.flatMap((index, place) => (selected.has(index) ? [place] : []));
    return this.painting(chosenFrom(this.next.codes, this.besides), chosen);
  }

  /** Those drawn besides the sample. */
  placedBesides() {
    this.besides = this.next.besides;
    return this.at(this.besides);
  }

  /** Sizes and colours of some dots; those outside a selection are small and faint. */
  painting(codes, selected) {
    const { colors } = this.next;
    const size = this.sizeOf(this.next);
    if (!this.selected.length) return { size, ...this.coloring(codes, colors) };
    const painted = Int16Array.from(codes, (code) => code + colors.length);
    const large = size * SolidPlot.OF_MANY;
    const sizes = new Float32Array(codes.length).fill(large * SolidPlot.SMALL);
    for (const place of selected) [painted[place], sizes[place]] = [codes[place], large];
    const faint = colors.map((color) => mixed(color, this.ground, SolidPlot.FAINT));
    return { size: sizes, ...this.coloring(painted, [...colors, ...faint]) };
  }

  async restyle(next, theme, changedSelection) {
    Object.assign(this, { next, ground: theme.ground });
    const dots = {};
    const besides = {};
    const rings = {};
    const relayout = {};
    const newSelection = changedSelection && String(next.selected) !== String(this.selected);
    if (newSelection) this.selected = next.selected;
    const newLook = newSelection || this.lookOf(next, theme) !== this.look;
    if (newLook) {
      Object.assign(dots, ofMarker(this.paintingOfDots()));
      Object.assign(rings, ofMarker({ size: this.sizeOf(next) + 7, color: theme.text }));
    }
    if ((newLook && next.besides.length) || String(next.besides) !== String(this.besides)) {
      Object.assign(besides, this.placedBesides(), ofMarker(this.paintingBesides()));
    }
    if (theme.text !== this.text) {
      for (const name of ["x", "y", "z"]) relayout[`scene.${name}axis.linecolor`] = mixed(theme.text, theme.ground, 0.25);
    }
    if (String(next.marked) !== this.marked) Object.assign(rings, this.at(next.marked));
    const changes = merge(dots, besides, rings);
    if (Object.keys(changes).length) await this.Plotly.update(this.root, changes, relayout, SolidPlot.ALL);
  }

  listen() {
    super.listen();
    this.follow();
  }

  /** Plotly turns the map in small steps after the pointer, and tells of none of them. */
  follow = () => {
    cancelAnimationFrame(this.following);
    this.following = requestAnimationFrame(this.follow);
    const view = this.scene?.glplot && String(this.matrices());
    if (!view || view === this.view) return;
    this.view = view;
    this.on.moved();
  };

  clearSelection() {
    if (!this.selected.length) return;
    this.report([]);
    const painting = merge(ofMarker(this.paintingOfDots()), ofMarker(this.paintingBesides()));
    this.Plotly.restyle(this.root, painting, [SolidPlot.DOTS, SolidPlot.BESIDES]);
  }

  /** Do what a button says. */
  act(action) {
    if (!this.layout) return;
    const camera = action === "reset" ? this.homeCamera() : this.scene.getCamera();
    const { eye, center } = camera;
    const zoom = { in: 1 / 1.25, out: 1.25 }[action];
    const turn = { left: SolidPlot.STEP, right: -SolidPlot.STEP }[action];
    if (zoom) for (const name of ["x", "y", "z"]) eye[name] = center[name] + (eye[name] - center[name]) * zoom;
    if (turn) {
      const [sine, cosine] = [Math.sin(turn), Math.cos(turn)];
      Object.assign(eye, { x: eye.x * cosine - eye.y * sine, y: eye.x * sine + eye.y * cosine });
    }
    this.Plotly.relayout(this.root, { "scene.camera": camera });
  }

  get scene() {
    return this.root._fullLayout?.scene?._scene;
  }

  /** From data to the screen: three 4 x 4 matrices, column by column, one after the other. */
  matrices() {
    const { model, view, projection } = this.scene.glplot.cameraParams;
    return [model, view, projection];
  }

  /** Where a dot is on the map, in CSS pixels. */
  spot(index) {
    const [wide, deep, high] = this.scene.dataScale;
    let point = [this.x[index] * wide, this.y[index] * deep, this.z[index] * high, 1];
    for (const matrix of this.matrices()) {
      point = [0, 1, 2, 3].map((row) => point.reduce((sum, value, column) => sum + matrix[4 * column + row] * value, 0));
    }
    const { clientWidth: width, clientHeight: height } = this.root;
    return { x: (0.5 + point[0] / point[3] / 2) * width, y: (0.5 - point[1] / point[3] / 2) * height };
  }

  distancesFrom(index) {
    const { x, y, z } = this;
    return (other) => (x[other] - x[index]) ** 2 + (y[other] - y[index]) ** 2 + (z[other] - z[index]) ** 2;
  }

  destroy() {
    cancelAnimationFrame(this.following);
    super.destroy();
  }
}

/** A colour mixed into another: transparent dots would not be drawn in the order in which they lie. */
function mixed(color, ground, share) {
  const [above, below] = [color, ground].map(channels);
  return `rgb(${above.map((value, at) => Math.round(value * share + below[at] * (1 - share))).join(", ")})`;
}

/** Red, green and blue of "#rrggbb" or "rgb(...)". */
function channels(color) {
  const hex = color.startsWith("#");
  return hex ? [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) : color.match(/[\d.]+/g).slice(0, 3).map(Number);
}
