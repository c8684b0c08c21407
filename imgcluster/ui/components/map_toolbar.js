// The map's own buttons: three tools, of which one is in use, and three moves.

const TOOLBAR = [
  ["lasso", "Select with a lasso", "M12 5c5 0 8.5 2.200 8.500 5s-3.500 5-8.500 5-8.500-2.200-8.500-5 3.500-5 8.500-5ZM7 14.200c-1.800.3-2.500 3 .2 3.300 2 .2 2 2-.2 3"],
  ["select", "Select with a box", "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M11 4h2M11 20h2M4 11v2M20 11v2"],
  ["pan", "Move the map", "M12 3v18M3 12h18M9.500 5.500 12 3l2.500 2.500M9.500 18.500 12 21l2.500-2.500M5.500 9.500 3 12l2.500 2.500M18.500 9.500 21 12l-2.500 2.500"],
  null,
  ["in", "Zoom in", "M5 12h14M12 5v14"],
  ["out", "Zoom out", "M5 12h14"],
  ["reset", "Show the whole map", "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"],
];
const TOOLS = new Set(["lasso", "select", "pan"]);

class Toolbar {
  constructor(act) {
    this.buttons = new Map();
    this.root = element("div", { className: "imgcluster-tools" }, { role: "toolbar", "aria-label": "Map tools" });
    for (const entry of TOOLBAR) {
      if (!entry) {
        this.root.append(element("span", { className: "imgcluster-tools-gap" }));
        continue;
      }
      const [action, label, path] = entry;
      const button = element("button", { type: "button", title: label, onclick: () => act(action) }, { "aria-label": label });
      button.append(icon(path));
      if (TOOLS.has(action)) button.setAttribute("aria-pressed", "false");
      this.buttons.set(action, button);
      this.root.append(button);
    }
    this.root.addEventListener("keydown", (press) => this.move(press));
    this.makeReachable([...this.buttons.values()][0]);
  }

  /** Show which tool is in use. */
  press(tool) {
    for (const name of TOOLS) this.buttons.get(name).setAttribute("aria-pressed", String(name === tool));
  }

  /** Arrow keys within, one stop of the Tab key: the keyboard pattern of a toolbar. */
  move(press) {
    const buttons = [...this.buttons.values()];
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
