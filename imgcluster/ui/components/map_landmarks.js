// Landmarks: small pictures at some of the dots, as many as there is room for without one covering another.
// `place_landmarks` of the browser tests says the same in Python, and they compare the two.

class Landmarks {
  static GAP = 4; // px between two pictures
  static NARROW = 520; // px of width below which the pictures are smaller
  static SIZES = [34, 46]; // px, narrow and wide

  constructor() {
    // They repeat what the strips and the gallery show; the pointer reaches through them to the dots.
    this.root = element("div", { className: "imgcluster-landmarks" }, { "aria-hidden": "true" });
    this.shown = new Map(); // index -> {image, withdraw}, the most important first
  }

  /** Take over which pictures there are to be, the most important first, and how each looks. */
  update({ collection, indices, color, marked, selected }) {
    if (collection !== this.collection) this.clear();
    this.collection = collection;
    const chosen = new Set(selected);
    const before = this.shown;
    this.shown = new Map(indices.map((index) => [index, before.get(index) ?? this.create(index)]));
    for (const [index, landmark] of before) if (!this.shown.has(index)) this.drop(landmark);
    for (const [index, { image }] of this.shown) {
      image.style.setProperty("--group", color(index));
      image.classList.toggle("marked", marked.includes(index));
      image.classList.toggle("faint", chosen.size > 0 && !chosen.has(index));
    }
  }

  create(index) {
    const image = element("img", { src: BLANK, alt: "", draggable: false, hidden: true });
    image.dataset.index = index;
    this.root.append(image);
    return { image, withdraw: null };
  }

  /** Put the pictures at their dots; the less important yield where there is no room. */
  place(plot) {
    const { clientWidth: width, clientHeight: height } = this.root;
    const size = Landmarks.SIZES[Number(width >= Landmarks.NARROW)];
    const taken = [];
    this.root.style.setProperty("--size", `${size}px`);
    for (const [index, landmark] of this.shown) {
      const { x, y } = plot.spot(index);
      const [left, top] = [inside(x - size / 2, width - size), inside(y - size / 2, height - size)];
      const free = ([otherLeft, otherTop]) =>
        Math.max(Math.abs(left - otherLeft), Math.abs(top - otherTop)) >= size + Landmarks.GAP;
      const seen = x >= 0 && x <= width && y >= 0 && y <= height && size <= Math.min(width, height);
      const fits = seen && taken.every(free);
      landmark.image.hidden = !fits;
      if (!fits) continue;
      taken.push([left, top]);
      landmark.image.style.transform = `translate(${left}px, ${top}px)`;
      landmark.withdraw ??= imgcluster.want(this.collection, [index], 1, (_, url) => {
        landmark.image.src = url ?? PLACEHOLDER;
      });
    }
  }

  drop({ image, withdraw }) {
    withdraw?.();
    image.remove();
  }

  clear() {
    for (const landmark of this.shown.values()) this.drop(landmark);
    this.shown.clear();
  }
}

/** The nearest number from 0 to a limit. */
function inside(value, limit) {
  return Math.max(0, Math.min(value, limit));
}
