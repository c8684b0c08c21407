// The line above the map: what the tool in use does, or how many are selected; three tools and three moves. The map in
// three dimensions has no tools, but buttons that turn it.

const TOOLBAR = [
  ["lasso", "Select with a lasso", "M12 5c5 0 8.5 2.2 8.5 5s-3.5 5-8.5 5-8.5-2.2-8.5-5 3.5-5 8.5-5ZM7 14.2c-1.8.3-2.5 3 .2 3.3 2 .2 2 2-.2 3"],
  ["select", "Select with a box", "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M11 4h2M11 20h2M4 11v2M20 11v2"],
  ["pan", "Move the map", "M12 3v18M3 12h18M9.5 5.5 12 3l2.5 2.5M9.5 18.5 12 21l2.5-2.5M5.5 9.5 3 12l2.5 2.5M18.5 9.5 21 12l-2.5 2.5"],
  ["left", "Turn left", "M4.5 12a7.5 7.5 0 1 0 2.6-5.7M4 4v4.5h4.5"],
  ["right", "Turn right", "M19.5 12a7.5 7.5 0 1 1-2.6-5.7M20 4v4.5h-4.5"],
  null,
  ["in", "Zoom in", "M5 12h14M12 5v14"],
  ["out", "Zoom out", "M5 12h14"],
  ["reset", "Show the whole map", "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"],
];
const TOOLS = {
  lasso: "Draw around dots to select them",
  select: "Drag a box over dots to select them",
  pan: "Drag to move, scroll to zoom",
};
const TURNS = ["left", "right"];
const TURNING = "Drag to turn, scroll to zoom";

class Toolbar {
  constructor(act) {
    this.buttons = new Map();
    this.bar = element("div", { className: "imgcluster-tools" }, { role: "toolbar", "aria-label": "Map tools" });
    this.hint = element("p", { className: "imgcluster-hint" }, { role: "status" });
    this.root = element("div", { className: "imgcluster-map-head" }, {}, [this.hint, this.bar]);
    for (const entry of TOOLBAR) {
      if (!entry) {
        this.bar.append(element("span", { className: "imgcluster-tools-gap" }));
        continue;
      }
      const [action, label, path] = entry;
      const properties = { type: "button", title: label, tabIndex: -1, onclick: () => act(action) };
      const button = element("button", properties, { "aria-label": label });
      button.append(icon(path));
      if (action in TOOLS) button.setAttribute("aria-pressed", "false");
      this.buttons.set(action, button);
      this.bar.append(button);
    }
    this.bar.addEventListener("keydown", (press) => this.move(press));
    this.show({ solid: false, tool: null, selected: 0 });
  }

  show({ solid, tool, selected }) {
    for (const name of Object.keys(TOOLS)) {
      const button = this.buttons.get(name);
      button.hidden = solid;
      button.setAttribute("aria-pressed", String(name === tool));
    }
    for (const name of TURNS) this.buttons.get(name).hidden = !solid;
    this.makeReachable(this.seen().find((button) => button.tabIndex === 0) ?? this.seen()[0]);
    this.hint.textContent = selected
      ? `${selected.toLocaleString("en")} selected · Esc clears`
      : solid ? TURNING : (TOOLS[tool] ?? "");
  }

  seen() {
    return [...this.buttons.values()].filter((button) => !button.hidden);
  }

  /** Arrow keys within, one stop of the Tab key: the keyboard pattern of a toolbar. */
  move(press) {
    const buttons = this.seen();
    const at = buttons.indexOf(document.activeElement);
    const target = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[press.key];
    if (target === undefined || at < 0) return;
    press.preventDefault();
    const button = buttons[(target + buttons.length) % buttons.length];
    this.makeReachable(button);
    button.focus();
  }

  makeReachable(chosen) {
    for (const button of this.buttons.values()) button.tabIndex = button === chosen ? 0 : -1;
  }
}

function icon(path) {
  const namespace = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(namespace, "svg");
  const line = document.createElementNS(namespace, "path");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}
