// The gallery: a grid of pictures, each a button that is pressed or not. A click picks one, or chooses many.

const galleries = new WeakMap(); // parentElement -> Gallery

class Gallery {
  constructor(parentElement) {
    this.root = parentElement.querySelector(".imgcluster-gallery");
    this.pictures = new LazyPictures();
    this.buttons = new Map(); // index -> button
    this.root.onclick = ({ target, shiftKey }) => {
      const button = target.closest(".picture");
      if (button) this.pick(button, shiftKey);
    };
    this.root.onkeydown = (press) => this.move(press);
  }

  update({ data, setTriggerValue }) {
    const { header } = readFrame(data);
    const { collection, items, label, choosing } = header;
    if (collection !== this.collection) {
      for (const button of this.buttons.values()) this.pictures.drop(button);
      this.buttons.clear();
      this.collection = collection;
    }
    this.send = setTriggerValue;
    this.root.setAttribute("aria-label", label);
    const medoids = new Set(header.medoids);
    const create = (index) => this.pictures.create(collection, index);
    const indices = items.map(({ index }) => index);
    const pressed = this.pressedOf(header, indices);
    this.root.classList.toggle("choosing", choosing !== null);
    this.order = reconcile(this.root, this.buttons, indices, create, (button) => this.pictures.drop(button));
    this.order.forEach((button, at) => {
      const { index, text, color } = items[at];
      describe(button, medoids.has(index) ? `${text} (most typical of its group)` : text, color);
      button.setAttribute("aria-pressed", String(pressed.has(index)));
      button.classList.toggle("medoid", medoids.has(index));
    });
    if (this.order.length) rove(this.order);
  }

  /** What Python says of a choice is older than the last click, unless it began another one. */
  pressedOf({ choosing, pressed }, indices) {
    const choice = choosing === null ? null : `${choosing}: ${indices}`;
    if (choice === null || choice !== this.choice) {
      this.chosen = new Set(pressed);
      this.last = null;
    }
    this.choice = choice;
    return this.chosen;
  }

  pick(button, isRange) {
    rove(this.order, button);
    if (this.choice === null) this.send("picked", button.index);
    else this.choose(button, isRange);
  }

  /** Press a button or let it go; as a range, also all between it and the one before. */
  choose(button, isRange) {
    const isPressed = !this.chosen.has(button.index);
    const at = this.order.indexOf(button);
    const from = isRange && this.order.includes(this.last) ? this.order.indexOf(this.last) : at;
    for (const each of this.order.slice(Math.min(from, at), Math.max(from, at) + 1)) {
      if (isPressed) this.chosen.add(each.index);
      else this.chosen.delete(each.index);
      each.setAttribute("aria-pressed", String(isPressed));
    }
    this.last = button;
    this.send("chosen", [...this.chosen]);
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
