// The card that floats beside the dot under the pointer: its picture, its group.

class Card {
  static GAP = 14; // px between the dot and the card
  static MARGIN = 8; // px that stay free at the edge of the window

  constructor() {
    this.image = element("img", { alt: "", width: 144, height: 144 });
    this.name = element("span", { className: "imgcluster-card-name" });
    const label = element("div", { className: "imgcluster-card-label" }, {}, [
      element("span", { className: "imgcluster-chip" }),
      this.name,
    ]);
    // A popover is drawn above everything and cut off by nothing. It only repeats, for the pointer, what the lists of
    // groups and pictures say, so assistive technology skips it.
    const attributes = { popover: "manual", "aria-hidden": "true" };
    this.root = element("div", { className: "imgcluster-card" }, attributes, [this.image, label]);
  }

  show(content) {
    const { collection, index, near, name, color, place } = content;
    this.forget?.();
    if (this.shown?.index !== index) this.image.src = BLANK;
    this.shown = content;
    this.name.textContent = name;
    this.root.style.setProperty("--group", color);
    this.root.dataset.index = index;
    if (!this.root.matches(":popover-open")) this.root.showPopover();
    this.put(place);
    const withdraw = [
      imgcluster.want(collection, [index], 0, (_, url) => {
        this.image.src = url ?? PLACEHOLDER;
      }),
      imgcluster.want(collection, near, 2, () => {}),
    ];
    this.forget = () => withdraw.forEach((each) => each());
  }

  /** Right of the dot and above it, or wherever there is room: never outside the window. */
  put({ x, y }) {
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const right = x + Card.GAP;
    const left = right + width + Card.MARGIN > innerWidth ? x - Card.GAP - width : right;
    const top = y - Card.GAP - height;
    const clamp = (value, size, space) => Math.max(Card.MARGIN, Math.min(value, space - size - Card.MARGIN));
    this.root.style.left = `${clamp(left, width, innerWidth)}px`;
    this.root.style.top = `${clamp(top < Card.MARGIN ? y + Card.GAP : top, height, innerHeight)}px`;
  }

  hide() {
    this.forget?.();
    this.forget = this.shown = null;
    if (this.root.matches(":popover-open")) this.root.hidePopover();
  }
}
