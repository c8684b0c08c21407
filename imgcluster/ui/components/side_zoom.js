// One zoom for several pictures: the same relative place of each is in the middle of its stage.

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** One picture in its stage: as large as it fits, times the zoom. */
class Stage {
  constructor(root, image, zoom) {
    Object.assign(this, { root, image, zoom, width: 0, height: 0, left: 0, top: 0 });
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(root);
    image.onload = () => this.fit();
    zoom.stages.add(this);
  }

  /** Small pictures are enlarged as well: only what is of one size can be compared. */
  fit() {
    const { naturalWidth, naturalHeight } = this.image;
    const { clientWidth, clientHeight } = this.root;
    const factor = naturalWidth ? Math.min(clientWidth / naturalWidth, clientHeight / naturalHeight) : 0;
    this.width = naturalWidth * factor;
    this.height = naturalHeight * factor;
    this.image.style.width = `${this.width}px`;
    this.image.style.height = `${this.height}px`;
    this.zoom.place();
  }

  place(scale, x, y) {
    const along = (size, room, middle) =>
      size <= room ? (room - size) / 2 : clamp(room / 2 - middle * size, room - size, 0);
    this.left = along(this.width * scale, this.root.clientWidth, x);
    this.top = along(this.height * scale, this.root.clientHeight, y);
    this.image.style.transform = `translate(${this.left}px, ${this.top}px) scale(${scale})`;
    this.root.classList.toggle("zoomed", scale > 1);
  }

  destroy() {
    this.observer.disconnect();
    this.zoom.stages.delete(this);
  }
}

class SharedZoom {
  static MOST = 16;

  stages = new Set();
  scale = 1;
  x = 0.5; // what is in the middle, as a share of the picture
  y = 0.5;

  constructor(changed) {
    this.changed = changed;
  }

  reset() {
    Object.assign(this, { scale: 1, x: 0.5, y: 0.5 });
    this.place();
  }

  /** Zoom so that what is at a point of a stage stays there; the point is in pixels of the stage. */
  by(factor, stage, point = { x: stage.root.clientWidth / 2, y: stage.root.clientHeight / 2 }) {
    const before = this.scale;
    this.scale = clamp(before * factor, 1, SharedZoom.MOST);
    if (this.scale < 1.02) this.scale = 1;
    const middle = (at, start, size, room) => (at - start) / (size * before) - (at - room / 2) / (size * this.scale);
    if (stage.width) {
      this.x = middle(point.x, stage.left, stage.width, stage.root.clientWidth);
      this.y = middle(point.y, stage.top, stage.height, stage.root.clientHeight);
    }
    this.place();
    return this.scale !== before;
  }

  /** Move all pictures as far as that of one stage moves by so many pixels. */
  move(dx, dy, stage) {
    if (!stage.width) return;
    this.x -= dx / (stage.width * this.scale);
    this.y -= dy / (stage.height * this.scale);
    this.place();
  }

  place() {
    const all = [...this.stages].filter(({ width }) => width);
    // As far as the picture that has the longest way: the others stop at their edges.
    const edge = (size, room) => Math.min(0.5, ...all.map((stage) => stage.root[room] / 2 / (stage[size] * this.scale)));
    const [across, down] = [edge("width", "clientWidth"), edge("height", "clientHeight")];
    this.x = clamp(this.x, across, 1 - across);
    this.y = clamp(this.y, down, 1 - down);
    for (const stage of all) stage.place(this.scale, this.x, this.y);
    this.changed(this.scale);
  }
}

/** Let wheel, pointers and double clicks on a stage zoom and move all pictures. */
function steerByPointer(stage, zoom) {
  const { root } = stage;
  const pointers = new Map(); // pointerId -> where it is
  const place = ({ clientX, clientY }) => {
    const { left, top } = root.getBoundingClientRect();
    return { x: clientX - left - root.clientLeft, y: clientY - top - root.clientTop };
  };
  const span = () => {
    const [a, b = a] = [...pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.hypot(a.x - b.x, a.y - b.y) };
  };

  const wheel = (turn) => {
    const lines = turn.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
    const factor = Math.exp(-clamp(turn.deltaY * lines, -240, 240) / 300);
    if (zoom.by(factor, stage, place(turn))) turn.preventDefault(); // the whole picture goes on: the page scrolls
  };
  root.addEventListener("wheel", wheel, { passive: false });
  root.ondblclick = (click) => (zoom.scale > 1 ? zoom.reset() : zoom.by(3, stage, place(click)));
  root.onpointerdown = (press) => {
    if (press.button !== 0) return;
    pointers.set(press.pointerId, place(press));
    root.setPointerCapture(press.pointerId);
  };
  root.onpointermove = (move) => {
    if (!pointers.has(move.pointerId)) return;
    const before = span();
    pointers.set(move.pointerId, place(move));
    const now = span();
    if (before.length && now.length) zoom.by(now.length / before.length, stage, before);
    if (zoom.scale > 1) zoom.move(now.x - before.x, now.y - before.y, stage);
  };
  root.onpointerup = root.onpointercancel = (end) => pointers.delete(end.pointerId);
}
