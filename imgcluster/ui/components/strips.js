// The strips: one row per cluster, matched by the cluster's number, so that a move of the slider changes only what did.

const strips = new WeakMap(); // parentElement -> Strips

/** One row: chip, name, size and remark; a line of pictures; "Show all". */
class Strip {
  constructor(cluster, pictures) {
    Object.assign(this, { cluster, pictures, buttons: new Map(), order: [] });
    this.name = element("span", { className: "name" });
    this.size = element("span", { className: "size" });
    this.note = element("span", { className: "note" });
    const facts = element("div", { className: "facts" }, {}, [this.size, this.note]);
    const title = element("div", { className: "title" }, {}, [element("span", { className: "chip" }), this.name]);
    this.line = element("div", { className: "line" }, { role: "group" });
    this.all = element("button", { type: "button", className: "all", textContent: "Show all" });
    this.root = element("li", { className: "strip" }, {}, [
      element("div", { className: "head" }, {}, [title, facts]),
      this.line,
      this.all,
    ]);
    this.root.dataset.cluster = cluster;
    this.root.strip = this;
  }

  update(collection, { name, color, size, note, indices, texts }, showAll) {
    this.root.style.setProperty("--group", color);
    write(this.name, name);
    write(this.size, size);
    write(this.note, note);
    this.name.title = name;
    this.line.setAttribute("aria-label", `Pictures of ${name}`);
    this.all.hidden = !showAll;
    this.all.setAttribute("aria-label", `Show all of ${name}`);
    const create = (index) => this.pictures.create(collection, index);
    this.order = reconcile(this.line, this.buttons, indices, create, (button) => this.pictures.drop(button));
    this.order.forEach((button, at) => {
      describe(button, at === 0 ? `${texts[at]} (most typical of its group)` : texts[at], color);
      button.classList.toggle("medoid", at === 0);
    });
    if (this.order.length) rove(this.order);
  }

  drop() {
    for (const button of this.buttons.values()) this.pictures.drop(button);
    this.root.remove();
  }
}

class Strips {
  constructor(parentElement) {
    this.root = parentElement.querySelector(".imgcluster-strips");
    this.pictures = new LazyPictures();
    this.rows = new Map(); // cluster -> Strip's element
    this.root.onclick = (click) => this.click(click);
    this.root.onkeydown = (press) => this.move(press);
  }

  update({ data, setTriggerValue }) {
    const { collection, rows, showAll } = readFrame(data).header;
    if (collection !== this.collection) {
      for (const row of this.rows.values()) row.strip.drop();
      this.rows.clear();
      this.collection = collection;
    }
    this.send = setTriggerValue;
    const create = (cluster) => new Strip(cluster, this.pictures).root;
    const clusters = rows.map(({ cluster }) => cluster);
    this.order = reconcile(this.root, this.rows, clusters, create, (row) => row.strip.drop());
    this.order.forEach((row, at) => row.strip.update(collection, rows[at], showAll));
  }

  click({ target }) {
    const row = target.closest(".strip");
    const picture = target.closest(".picture");
    if (picture) {
      rove(row.strip.order, picture);
      this.send("clicked", { cluster: row.strip.cluster, index: picture.index });
    } else if (target.closest(".all")) {
      this.send("clicked", { cluster: row.strip.cluster });
    }
  }

  /** Left and right within a row; up and down to the picture nearest above or below. */
  move(press) {
    const picture = press.target.closest(".picture");
    if (!picture || press.ctrlKey || press.metaKey || press.altKey) return;
    const row = picture.closest(".strip");
    const { order } = row.strip;
    const at = order.indexOf(picture);
    const within = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: order.length - 1 };
    const between = { ArrowDown: 1, ArrowUp: -1 };
    if (press.key in within) {
      press.preventDefault();
      const target = order[within[press.key]];
      if (target) focusOn(order, target);
    } else if (press.key in between) {
      press.preventDefault();
      const other = this.order[this.order.indexOf(row) + between[press.key]]?.strip.order ?? [];
      const place = picture.getBoundingClientRect().left;
      const away = (button) => Math.abs(button.getBoundingClientRect().left - place);
      if (other.length) focusOn(other, other.reduce((best, each) => (away(each) < away(best) ? each : best)));
    }
  }

  destroy() {
    this.pictures.destroy();
  }
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export default function (component) {
  return show(strips, Strips, component);
}
