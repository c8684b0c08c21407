// The gallery: a grid of pictures, each a button that is pressed or not.

const galleries = new WeakMap(); // parentElement -> Gallery

class Gallery {
  constructor(parentElement) {
    this.root = parentElement.querySelector(".imgcluster-gallery");
    this.pictures = new LazyPictures();
    this.buttons = new Map(); // index -> button
    this.root.onclick = ({ target }) => {
      const button = target.closest(".picture");
      if (button) this.pick(button);
    };
    this.root.onkeydown = (press) => this.move(press);
  }

  update({ data, setTriggerValue }) {
    const { header } = readFrame(data);
    const { collection, items, label } = header;
    if (collection !== this.collection) {
      for (const button of this.buttons.values()) this.pictures.drop(button);
      this.buttons.clear();
      this.collection = collection;
    }
    this.send = setTriggerValue;
    this.root.setAttribute("aria-label", label);
    const pressed = new Set(header.pressed);
    const medoids = new Set(header.medoids);
    const create = (index) => this.pictures.create(collection, index);
    const indices = items.map(({ index }) => index);
    this.order = reconcile(this.root, this.buttons, indices, create, (button) => this.pictures.drop(button));
    this.order.forEach((button, at) => {
      const { index, text, color } = items[at];
      describe(button, medoids.has(index) ? `${text} (most typical of its group)` : text, color);
      button.setAttribute("aria-pressed", String(pressed.has(index)));
      button.classList.toggle("medoid", medoids.has(index));
    });
    if (this.order.length) rove(this.order);
  }

  pick(button) {
    rove(this.order, button);
    this.send("picked", button.index);
  }

  move(press) {
    const at = this.order.indexOf(press.target.closest(".picture"));
    if (at < 0 || press.ctrlKey || press.metaKey || press.altKey) return;
    const columns = getComputedStyle(this.root).gridTemplateColumns.split(" ").length;
    const last = this.order.length - 1;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -at, End: last - at };
    if (!(press.key in step)) return;
    press.preventDefault();
    const target = this.order[at + step[press.key]];
    if (target) focusOn(this.order, target);
  }

  destroy() {
    this.pictures.destroy();
  }
}

export default function (component) {
  return show(galleries, Gallery, component);
}
