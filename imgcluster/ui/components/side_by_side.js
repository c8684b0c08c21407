// Pictures side by side: the large ones by content, what stands below them, and what the keys do.

const sideBySides = new WeakMap(); // parentElement -> SideBySide

/** Large pictures by content: an object URL, or null for one that cannot be shown. The least recently shown goes first. */
imgcluster.large ??= new Map();
const MAX_LARGE = 24;

function keepLarge(contents, jpegs) {
  contents.forEach((content, at) => {
    if (imgcluster.large.get(content)) return;
    const jpeg = jpegs[at];
    imgcluster.large.set(content, jpeg && URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" })));
  });
}

/** Note that these are shown now, and let go of the oldest others. */
function useLarge(contents) {
  for (const content of contents) {
    if (!imgcluster.large.has(content)) continue;
    const url = imgcluster.large.get(content);
    imgcluster.large.delete(content);
    imgcluster.large.set(content, url);
  }
  for (const [content, url] of imgcluster.large) {
    if (imgcluster.large.size <= MAX_LARGE) break;
    if (url) URL.revokeObjectURL(url);
    imgcluster.large.delete(content);
  }
}

/** A button; where its text is but a sign, what it does is its name as well. */
const tool = (text, title, onclick) =>
  element("button", { type: "button", textContent: text, title, onclick }, text.length > 1 ? {} : { "aria-label": title });

class SidePane {
  constructor(index, zoom, act) {
    Object.assign(this, { index, act, actions: new Map() });
    this.image = element("img", { alt: "", draggable: false, decoding: "async" });
    this.badge = element("span", { className: "badge" });
    this.problem = element("p", { className: "problem", textContent: "This picture cannot be shown." });
    this.view = element("div", { className: "stage", tabIndex: 0 }, { role: "group" }, [
      this.image,
      this.badge,
      this.problem,
    ]);
    this.name = element("strong");
    this.lines = element("div", { className: "lines" });
    this.buttons = element("div", { className: "actions" });
    const caption = element("figcaption", {}, {}, [this.name, this.lines, this.buttons]);
    this.root = element("figure", {}, {}, [this.view, caption]);
    this.root.dataset.index = index;
    this.stage = new Stage(this.view, this.image, zoom);
    steerByPointer(this.stage, zoom);
  }

  update({ content, name, badge, lines, actions }) {
    const url = imgcluster.large.get(content);
    const shown = url ?? BLANK;
    if (this.image.getAttribute("src") !== shown) this.image.src = shown;
    this.image.alt = name;
    this.image.hidden = !url;
    this.problem.hidden = url !== null;
    this.badge.textContent = badge;
    this.badge.hidden = !badge;
    this.name.textContent = this.name.title = name;
    this.lines.replaceChildren(...lines.map((line) => element("span", { textContent: line })));
    const keys = [...actions.filter(({ key }) => key).map(({ key }) => spoken(key)), "+", "-", "0"];
    this.view.setAttribute("aria-label", [badge, name, ...lines].filter(Boolean).join(", "));
    this.view.setAttribute("aria-keyshortcuts", keys.join(" "));
    this.offered = actions;
    const create = (action) => element("button", { type: "button", onclick: () => this.act(action, this.index) });
    const names = actions.map((action) => action.name);
    reconcile(this.buttons, this.actions, names, create, (button) => button.remove()).forEach((button, at) => {
      const { label, key, pressed } = actions[at];
      button.textContent = label;
      button.title = key ? `${label} (key: ${spoken(key).toLowerCase()})` : label;
      if (pressed === null) button.removeAttribute("aria-pressed");
      else button.setAttribute("aria-pressed", String(pressed));
    });
  }

  destroy() {
    this.stage.destroy();
    this.root.remove();
  }
}

const spoken = (key) => (key === " " ? "Space" : key);

class SideBySide {
  static PATIENCE = 5000; // ms until something said counts as heard, whatever came of it
  static MOST_SAID = 8;

  said = []; // what is to be said still
  waiting = 0; // the timer while something said is not answered yet

  constructor(parentElement) {
    this.root = parentElement.querySelector(".imgcluster-sides");
    this.panes = new Map(); // index -> root of its pane, which holds it
    this.percent = element("output", {}, { "aria-label": "Zoom" });
    this.zoom = new SharedZoom((scale) => {
      this.percent.textContent = `${scale.toFixed(1)} ×`;
    });
    this.previous = tool("‹ Previous", "Previous (arrow up)", () => this.go("previous"));
    this.next = tool("Next ›", "Next (arrow down)", () => this.go("next"));
    this.title = element("span", { className: "title" }, { "aria-live": "polite" });
    const tools = element("div", { className: "tools" }, { role: "group", "aria-label": "Zoom" }, [
      tool("−", "Zoom out (key: -)", () => this.zoomBy(1 / 1.5)),
      this.percent,
      tool("+", "Zoom in (key: +)", () => this.zoomBy(1.5)),
      tool("Whole", "Whole pictures (key: 0)", () => this.zoom.reset()),
    ]);
    const pager = element("div", { className: "pager" }, {}, [this.previous, this.title, this.next]);
    this.row = element("div", { className: "row" });
    this.root.replaceChildren(element("header", {}, {}, [pager, tools]), this.row);
    this.root.onkeydown = (press) => this.press(press);
  }

  update({ data, setTriggerValue }) {
    const { header, blobs } = readFrame(data);
    this.send = setTriggerValue;
    keepLarge(header.sent, blobs);
    const contents = header.sides.map(({ content }) => content);
    useLarge(contents);
    const need = contents.filter((content) => !imgcluster.large.has(content));
    if (need.length) {
      imgcluster.thumbnails.disturb();
      this.send("need", need);
    }
    this.draw(header);
    if (this.waiting) this.sayNext();
  }

  /** Streamlit keeps but the last of what is said quickly, so each waits until the one before was heard. */
  say(action, index = null) {
    if (this.said.length < SideBySide.MOST_SAID) this.said.push({ action, index });
    if (!this.waiting) this.sayNext();
  }

  sayNext() {
    clearTimeout(this.waiting);
    const next = this.said.shift();
    this.waiting = next ? setTimeout(() => this.sayNext(), SideBySide.PATIENCE) : 0;
    this.landing = ["back", "onward"].includes(next?.action) ? next.action : null; // where the focus goes then
    if (next) this.send("did", next);
  }

  draw({ sides, scene, title, label, moves }) {
    const focused = this.root.getRootNode().activeElement;
    const wasInside = this.row.contains(focused);
    const create = (index) => {
      const pane = new SidePane(index, this.zoom, (action, of) => this.say(action, of));
      pane.root.pane = pane;
      return pane.root;
    };
    const indices = sides.map(({ index }) => index);
    this.order = reconcile(this.row, this.panes, indices, create, (root) => root.pane.destroy());
    this.order.forEach((root, at) => root.pane.update(sides[at]));
    const columns = Math.max(1, Math.min(this.order.length, 4));
    this.row.style.setProperty("--columns", columns);
    this.row.style.setProperty("--narrow", Math.min(columns, 2));
    this.root.setAttribute("aria-label", label);
    if (this.title.textContent !== title) this.title.textContent = title;
    this.moves = new Set(moves);
    this.previous.disabled = !this.moves.has("previous");
    this.next.disabled = !this.moves.has("next");
    const another = scene !== this.scene;
    if (another) {
      this.scene = scene;
      this.zoom.reset();
    }
    if (wasInside && this.row.contains(focused)) focused.focus({ preventScroll: true }); // what was moved has lost it
    if (this.landing || (wasInside && !this.row.contains(focused))) {
      const target = this.order.at(this.landing === (another ? "back" : "onward") ? -1 : 0);
      if (another || !this.row.contains(focused)) target?.pane.view.focus({ preventScroll: true });
    }
  }

  go(action) {
    if (this.moves.has(action)) this.say(action);
    return this.moves.has(action);
  }

  zoomBy(factor, pane = this.order[0]?.pane) {
    if (pane) this.zoom.by(factor, pane.stage);
  }

  press(press) {
    if (press.ctrlKey || press.metaKey || press.altKey) return;
    const at = this.order.indexOf(press.target.closest("figure"));
    const pane = this.order[at]?.pane;
    if (this.pressed(press, pane, at)) press.preventDefault();
  }

  /** Do what a key says; return whether it says anything. */
  pressed({ key, shiftKey, target }, pane, at) {
    if (key === "+" || key === "=") return this.zoomBy(1.5, pane), true;
    if (key === "-") return this.zoomBy(1 / 1.5, pane), true;
    if (key === "0") return this.zoom.reset(), true;
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    if (arrow) return shiftKey ? this.pan(arrow, pane) : this.step(arrow, at);
    if (!pane || (target.tagName === "BUTTON" && (key === " " || key === "Enter"))) return false;
    const action = pane.offered.find((each) => each.key && each.key.toLowerCase() === key.toLowerCase());
    if (action) this.say(action.name, pane.index);
    return Boolean(action);
  }

  pan([dx, dy], pane = this.order[0]?.pane) {
    if (!pane) return false;
    const { clientWidth, clientHeight } = pane.view;
    this.zoom.move((-dx * clientWidth) / 8, (-dy * clientHeight) / 8, pane.stage);
    return true;
  }

  /** Go to the picture beside this one, and beyond the last to what follows; across the row, to another group. */
  step([dx, dy], at) {
    const stacked = getComputedStyle(this.row).gridTemplateColumns.split(" ").length === 1;
    const step = stacked ? dx + dy : dx;
    if (at < 0 || !step) return this.go(dx + dy < 0 ? "previous" : "next");
    const target = this.order[at + step];
    if (target) {
      target.pane.view.focus();
      return true;
    }
    return this.go(step < 0 ? "back" : "onward");
  }

  destroy() {
    clearTimeout(this.waiting);
    for (const root of this.panes.values()) root.pane.destroy();
  }
}

export default function (component) {
  return show(sideBySides, SideBySide, component);
}
