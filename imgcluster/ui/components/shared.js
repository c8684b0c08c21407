// What all components share. Each component's script begins with this file; the state lives once per browser tab, on
// globalThis.imgcluster, and so survives reruns and changes of page. A reload begins with nothing.

/** Read one message of Python's `frame()`: its header, and its blobs as Uint8Array copies (null where missing). */
function readFrame(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 4 + view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, at)));
  const blobs = header.sizes.map((size) => {
    if (size < 0) return null;
    // A copy starts at offset 0 of its own buffer, as Float32Array and Int16Array require.
    const blob = bytes.slice(at, at + size);
    at += size;
    return blob;
  });
  return { header, blobs };
}

/** Create an element: properties are assigned, `dataset`, `style` variables and attributes go by their own maps. */
function element(tag, properties = {}, attributes = {}, children = []) {
  const node = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Take an invisible component out of the page's flow, where Streamlit would leave a gap for it. */
function hideFromLayout(parentElement) {
  const host = parentElement.host ?? parentElement;
  const container = host.closest('[data-testid="stElementContainer"]');
  if (container) container.style.display = "none";
}

/**
 * Let only the end of a component be its end. Streamlit 1.67 also calls the clean-up of a message that was overtaken by a
 * newer one while the script was being imported; its place is still in the page then.
 */
const whenGone = (parentElement, clean) => () => parentElement.isConnected || clean();

/** Hand a message to the object that draws it, made with the first one; return what takes it away at the end. */
function show(shown, Kind, component) {
  const { parentElement } = component;
  if (!shown.has(parentElement)) shown.set(parentElement, new Kind(parentElement));
  shown.get(parentElement).update(component);
  return whenGone(parentElement, () => {
    shown.get(parentElement)?.destroy();
    shown.delete(parentElement);
  });
}

const svg = (body) => `data:image/svg+xml,${encodeURIComponent(body)}`;
/** Shown while a thumbnail is on its way: nothing. */
const BLANK = svg('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>');
/** Shown for a picture that has no thumbnail: a grey frame with hills, legible on light and dark. */
const PLACEHOLDER = svg(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><g fill="none" stroke="#808080" stroke-width="3" ' +
    'stroke-linejoin="round" opacity=".8"><rect x="26" y="30" width="44" height="36" rx="4"/>' +
    '<path d="m26 60 13-13 9 9 7-7 15 14"/><circle cx="58" cy="41" r="3.5"/></g></svg>',
);

/**
 * The thumbnails of one collection, and the queue of those that somebody waits for.
 *
 * The feed component lends its `send`; one request is under way at a time, so that a slow server is never flooded,
 * and each answer lets the most urgent pictures go next, whatever was asked first.
 */
class Thumbnails {
  static BATCH = 64; // indices in one request; Python enforces the same bound
  static DEBOUNCE = 20; // ms in which wishes gather into one request
  static CALM = 250; // ms without a click or a key before a request goes out, see `disturb`
  static HELD = 1000; // the same while a button is held; not for ever, since a scroll bar may keep its release to itself
  static BUSY = 1000; // ms that a request waits for a browser that is busy, see `whenIdle`
  static PATIENCE = 4000; // ms until a request counts as lost; doubles with each loss in a row
  static CAPACITY = 6000; // pictures kept, some 30 MB; the least recently used goes first

  urls = new Map(); // collection -> Map(index -> object URL, or null for a picture without thumbnail)
  wishes = new Map(); // collection -> Map(index -> {priority, order, callbacks})
  feed = null; // {collection, send}
  flight = null; // {seq, indices, timer}
  requests = 0;
  losses = 0;
  orders = 0;
  timer = 0;
  idle = 0; // the callback that waits for an idle browser
  disturbed = -Infinity;
  held = false;

  constructor() {
    for (const type of ["pointerdown", "pointerup", "pointercancel", "keydown", "keyup", "change"]) {
      window.addEventListener(type, this.disturb, { capture: true, passive: true });
    }
  }

  /**
   * Note that a widget may be about to tell Python something, and keep out of its way for a moment.
   *
   * Streamlit 1.67 gathers what widgets say in one turn of the event loop. Were a request for pictures among it, a move
   * of the slider would rerun the whole page (see ui/hearing.py), not its own fragment alone.
   */
  disturb = (event) => {
    this.disturbed = performance.now();
    if (event?.type.startsWith("pointer")) this.held = event.type === "pointerdown";
  };

  /** How long to keep out of the way from now on, in ms; not above 0 when nobody does anything. */
  unrest() {
    return this.disturbed + (this.held ? Thumbnails.HELD : Thumbnails.CALM) - performance.now();
  }

  /**
   * Ask for pictures; `callback(index, url)` is called once for each, at once for those that are here.
   *
   * @param {number} priority 0: the pointer is on it; 1: it is in view; 2: it may be needed soon.
   * @returns {() => void} withdraws the wish
   */
  want = (collection, indices, priority, callback) => {
    const cache = this.cache(collection);
    const waiting = this.waiting(collection);
    const mine = [];
    for (const index of indices) {
      if (cache.has(index)) {
        const url = cache.get(index);
        cache.delete(index); // put back last: recently used
        cache.set(index, url);
        callback(index, url);
        continue;
      }
      const wish = waiting.get(index) ?? { priority, order: 0, callbacks: new Set() };
      wish.priority = Math.min(wish.priority, priority);
      wish.order = ++this.orders;
      wish.callbacks.add(callback);
      waiting.set(index, wish);
      mine.push(index);
    }
    if (mine.length) this.schedule(priority === 0 ? 0 : Thumbnails.DEBOUNCE);
    return () => {
      for (const index of mine) {
        const wish = waiting.get(index);
        wish?.callbacks.delete(callback);
        if (wish?.callbacks.size === 0) waiting.delete(index);
      }
    };
  };

  cache(collection) {
    if (!this.urls.has(collection)) this.urls.set(collection, new Map());
    return this.urls.get(collection);
  }

  waiting(collection) {
    if (!this.wishes.has(collection)) this.wishes.set(collection, new Map());
    return this.wishes.get(collection);
  }

  /** A feed was mounted: what it replaces takes its unanswered request along, so that goes back to the queue. */
  attach(feed) {
    const same = this.feed?.collection === feed.collection;
    this.feed = feed;
    if (!same) this.forgetOthers(feed.collection);
    this.land();
    this.schedule(Thumbnails.DEBOUNCE);
  }

  detach(feed) {
    if (this.feed !== feed) return;
    this.feed = null;
    this.land();
  }

  forgetOthers(collection) {
    for (const [name, cache] of this.urls) {
      if (name === collection) continue;
      for (const url of cache.values()) if (url) URL.revokeObjectURL(url);
      this.urls.delete(name);
      this.wishes.delete(name);
    }
  }

  schedule(delay) {
    if (delay === 0) clearTimeout(this.timer);
    else if (this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.whenIdle();
    }, delay);
  }

  /**
   * Send when the browser has nothing else to do. A request that is sent just before the map is drawn, which takes a
   * second, is gathered with the click that comes meanwhile.
   */
  whenIdle() {
    if (this.idle) return;
    const send = () => {
      this.idle = 0;
      this.send();
    };
    const wait = globalThis.requestIdleCallback ?? setTimeout; // Safari has no idle callbacks
    this.idle = wait(send, wait === setTimeout ? 0 : { timeout: Thumbnails.BUSY });
  }

  /** Ask for the most urgent pictures. */
  send() {
    if (!this.feed || this.flight) return;
    const { collection } = this.feed;
    const indices = [...this.waiting(collection)]
      .sort(([, a], [, b]) => a.priority - b.priority || b.order - a.order) // the latest wish first
      .slice(0, Thumbnails.BATCH)
      .map(([index]) => index);
    if (!indices.length) return;
    const unrest = this.unrest();
    if (unrest > 0) {
      this.schedule(Math.min(unrest, Thumbnails.CALM)); // what is held may be let go any time
      return;
    }
    const lost = () => {
      this.losses += 1;
      this.land();
      this.schedule(0);
    };
    const patience = Thumbnails.PATIENCE * 2 ** Math.min(this.losses, 4);
    this.flight = { seq: ++this.requests, indices, timer: setTimeout(lost, patience) };
    this.feed.send({ collection, seq: this.flight.seq, indices });
  }

  /** The request under way is over, answered or not. */
  land() {
    clearTimeout(this.flight?.timer);
    this.flight = null;
  }

  /**
   * Take an answer, or, without `seq`, pictures that another component brought along. The same one may come twice, since
   * Streamlit calls a component again on a change of theme.
   */
  receive({ collection, seq, indices }, jpegs) {
    const cache = this.cache(collection);
    indices.forEach((index, position) => {
      if (cache.has(index)) return;
      const jpeg = jpegs[position];
      cache.set(index, jpeg && URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" })));
    });
    if (this.flight && this.flight.seq === seq) {
      // What was asked and not answered (Python refused it) has no picture; asking again would never end.
      for (const index of this.flight.indices) if (!cache.has(index)) cache.set(index, null);
      this.losses = 0;
      this.land();
    }
    const waiting = this.waiting(collection);
    for (const [index, wish] of waiting) {
      if (!cache.has(index)) continue;
      waiting.delete(index);
      for (const callback of wish.callbacks) callback(index, cache.get(index));
    }
    this.evict(cache);
    if (!this.flight) this.schedule(0);
  }

  evict(cache) {
    for (const [index, url] of cache) {
      if (cache.size <= Thumbnails.CAPACITY) return;
      if (url) URL.revokeObjectURL(url);
      cache.delete(index);
    }
  }
}

/** The one state of this browser tab. */
const imgcluster = (globalThis.imgcluster ??= (() => {
  const thumbnails = new Thumbnails();
  return { thumbnails, thumbs: thumbnails.urls, want: thumbnails.want };
})());
