// Notes in the page what a move of the slider costs: each message of the websocket, when Plotly has drawn, when the
// last pixel of the map is there, and when the pictures of the strips that are in view have loaded.
(() => {
  const frames = []; // {at, out, bytes, data}
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(...all) {
      super(...all);
      this.addEventListener("message", ({ data }) => note(data, false));
    }

    send(data) {
      note(data, true);
      super.send(data);
    }
  };
  const note = (data, out) => frames.push({ at: performance.now(), out, data, bytes: data.byteLength ?? data.length });

  let released = Infinity;
  let drawn = 0;
  let pixel = 0;
  let pictures = 0;
  let plot = null;
  let host = null;
  let reads = false; // whether to wait for the graphics, which keeps the page from doing anything else meanwhile

  /** Wait for the graphics of the dots: what is read back is there, whatever the queue of commands held. */
  function finish() {
    const canvas = plot.querySelector("canvas.gl-canvas-context");
    canvas?.getContext("webgl")?.readPixels(0, 0, 1, 1, 0x1908, 0x1401, new Uint8Array(4));
  }

  function hook(selector) {
    const found = document.querySelector(selector);
    if (!found?.on || found === plot) return;
    plot = found;
    const after = () => {
      if (drawn > released) return; // what comes later is not of the move
      drawn = performance.now();
      if (reads) finish();
      pixel = performance.now();
    };
    plot.on("plotly_afterplot", after);
    if (released < Infinity) after();
  }

  /** The rows of the strips, which live in a shadow root. */
  function rows() {
    if (!host?.isConnected) {
      host = [...document.querySelectorAll("*")].find(({ shadowRoot }) => shadowRoot?.querySelector(".strip"));
    }
    return [...(host?.shadowRoot.querySelectorAll(".strip") ?? [])];
  }

  function allLoaded(nRows) {
    const strips = rows();
    if (strips.length !== nRows) return false;
    const inView = [];
    for (const row of strips) {
      const { top, bottom } = row.getBoundingClientRect();
      if (top >= innerHeight) break;
      if (bottom <= 0) continue;
      const line = row.querySelector(".line").getBoundingClientRect();
      inView.push(...[...row.querySelectorAll(".picture img")].filter((image) => {
        const { left, right } = image.getBoundingClientRect();
        return right > line.left && left < line.right;
      }));
    }
    return inView.length > 0 && inView.every((image) => image.complete && image.naturalWidth > 1);
  }

  const contains = (data, text) => {
    const bytes = new Uint8Array(data);
    const first = new TextDecoder("latin1").decode(bytes.subarray(0, 100_000));
    return first.includes(text);
  };

  globalThis.sliderBench = {
    watch(selector) {
      hook(selector);
      new MutationObserver(() => hook(selector)).observe(document.body, { subtree: true, childList: true });
      for (const type of ["pointerup", "mouseup"]) {
        document.addEventListener(type, () => { released = performance.now(); frames.length = 0; }, true);
      }
    },

    /** Forget the last move; say whether the next is to be measured to the last pixel of the map. */
    begin(toPixel) {
      reads = toPixel;
      [released, drawn, pixel, pictures] = [Infinity, 0, 0, 0];
    },

    isDrawn: () => drawn > released,

    /** Begin to look, once in each frame, whether the pictures of `nRows` strips are there. */
    lookForPictures(nRows) {
      const look = () => {
        if (pictures) return;
        if (released < Infinity && allLoaded(nRows())) pictures = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },

    hasPictures: () => pictures > 0,

    /** What the last move cost, in ms after the release, and in bytes. */
    result() {
      const named = (text) => frames.filter(({ out, data }) => !out && contains(data, text));
      const arrived = (found) => (found.length ? found[0].at - released : NaN);
      const size = (found) => found.reduce((sum, { bytes }) => sum + bytes, 0);
      const [map, strips, thumbnails] = [named('"painted"'), named('"showAll"'), named('"seq"')];
      const received = frames.filter(({ out }) => !out);
      const sent = frames.filter(({ out }) => out);
      return {
        sent: arrived(sent),
        map_message: arrived(map),
        strips_message: arrived(strips),
        drawn: drawn - released,
        pixel: pixel - released,
        pictures: pictures ? pictures - released : NaN,
        map_bytes: size(map),
        strips_bytes: size(strips),
        thumbnails_bytes: size(thumbnails),
        bytes: size(received),
        requests: sent.length,
      };
    },
  };
})();
