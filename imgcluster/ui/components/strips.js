// The strips: one row per cluster, matched by the cluster's number, so that a move of the slider changes only what did.

const strips = new WeakMap(); // parentElement -> Strips
const LINES = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="#808080" stroke-width="1.5"';
const PENCIL = svg(`<svg ${LINES} stroke-linejoin="round"><path d="m3 13 .7-3 7-7 2.3 2.3-7 7zM9.2 4.5l2.3 2.3"/></svg>`);
const LOCK = svg(
  `<svg ${LINES}><rect x="3" y="7" width="10" height="7" rx="1.5" fill="#808080"/><path d="M5 7V5a3 3 0 0 1 6 0v2"/></svg>`,
);

/** One row: chip, name, what it might be called, size and remark; a line of pictures; "Show all". */
class Strip {
  constructor(cluster, pictures) {
    Object.assign(this, { cluster, pictures, buttons: new Map(), order: [] });
    this.name = element("span", { className: "name" });
    this.size = element("span", { className: "size" });
    this.note = element("span", { className: "note" });
    const facts = element("div", { className: "facts" }, {}, [this.size, this.note]);
    this.lock = element("img", { className: "lock", src: LOCK, alt: "Locked", title: "Locked: it stays as it is" });
    this.edit = element("button", { type: "button", className: "edit" }, {}, [element("img", { src: PENCIL, alt: "" })]);
    this.proposed = element("div", { className: "proposed" });
    const chip = element("span", { className: "chip" });
    const title = element("div", { className: "title" }, {}, [chip, this.name, this.lock, this.edit]);
    this.line = element("div", { className: "line" }, { role: "group" });
    this.all = element("button", { type: "button", className: "all", textContent: "Show all" });
    this.root = element("li", { className: "strip" }, {}, [
      element("div", { className: "head" }, {}, [title, this.proposed, facts]),
      this.line,
      this.all,
    ]);
    this.root.dataset.cluster = cluster;
    this.root.strip = this;
  }

  update(collection, row, showAll) {
    const { name, color, size, note, indices, texts } = row;
    this.root.style.setProperty("--group", color);
    write(this.name, name);
    write(this.size, size);
    write(this.note, note);
    this.name.title = name;
    this.mark(row);
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

  /** Show what may be done to the group, and what was. */
  mark({ name, proposed, is_locked, can_edit }) {
    write(this.proposed, proposed && `Proposed: ${proposed}`);
    this.proposed.hidden = !proposed;
    this.proposed.title = proposed;
    this.lock.hidden = !is_locked;
    this.edit.hidden = !can_edit;
    this.edit.setAttribute("aria-label", `Edit ${name}`);
    this.edit.title = `Edit ${name}`;
    this.root.classList.toggle("editable", can_edit);
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
    const { header, blobs } = readFrame(data);
    const { collection, rows, showAll, brought } = header;
    if (brought.length) imgcluster.thumbnails.receive({ collection, indices: brought }, blobs);
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
    } else if (target.closest(".editable .edit, .editable .name, .editable .proposed")) {
      this.send("clicked", { cluster: row.strip.cluster, edit: true });
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
