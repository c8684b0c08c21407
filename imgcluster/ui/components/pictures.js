// Buttons with pictures, for the gallery and the strips.

/** Fetches the pictures of the buttons that come into view; those that leave before theirs arrived are let go. */
class LazyPictures {
  constructor() {
    this.withdraw = new Map(); // button -> take its wish back
    this.observer = new IntersectionObserver((entries) => entries.forEach((entry) => this.seen(entry)), {
      rootMargin: "200px",
    });
  }

  seen({ target: button, isIntersecting }) {
    this.withdraw.get(button)?.();
    this.withdraw.delete(button);
    if (!isIntersecting) return;
    const wish = imgcluster.want(button.collection, [button.index], 1, (_, url) => {
      const image = button.firstElementChild;
      image.src = url ?? PLACEHOLDER;
      button.classList.toggle("missing", !url);
      this.observer.unobserve(button);
    });
    this.withdraw.set(button, wish);
  }

  /** Make a button for one picture of a collection. */
  create(collection, index) {
    const image = element("img", { src: BLANK, alt: "", draggable: false, decoding: "async" }, { loading: "lazy" });
    const button = element("button", { type: "button", className: "picture", tabIndex: -1 }, {}, [image]);
    Object.assign(button, { collection, index });
    button.dataset.index = index;
    this.observer.observe(button);
    return button;
  }

  drop(button) {
    this.withdraw.get(button)?.();
    this.withdraw.delete(button);
    this.observer.unobserve(button);
    button.remove();
  }

  destroy() {
    this.observer.disconnect();
    for (const withdraw of this.withdraw.values()) withdraw();
  }
}

/** Write a picture's text and colour where they changed. */
function describe(button, text, color) {
  const image = button.firstElementChild;
  if (image.alt !== text) Object.assign(image, { alt: text, title: text });
  button.style.setProperty("--group", color);
}

/**
 * Bring a container's children into the wanted order: keep those that stay, make those that are new, drop the rest.
 *
 * @param {Map} existing key -> element; brought up to date
 * @returns {Element[]} the elements in order
 */
function reconcile(container, existing, keys, create, drop) {
  const wanted = new Set(keys);
  for (const [key, node] of existing) {
    if (wanted.has(key)) continue;
    drop(node);
    existing.delete(key);
  }
  let place = container.firstElementChild;
  return keys.map((key) => {
    if (!existing.has(key)) existing.set(key, create(key));
    const node = existing.get(key);
    if (node === place) place = place.nextElementSibling;
    else container.insertBefore(node, place);
    return node;
  });
}

/** Of some buttons exactly one is reached by the Tab key; it stays the same as long as it is there. */
function rove(buttons, chosen = buttons.find((button) => button.tabIndex === 0) ?? buttons[0]) {
  for (const button of buttons) button.tabIndex = button === chosen ? 0 : -1;
  return chosen;
}

function focusOn(buttons, target) {
  rove(buttons, target);
  target.focus();
  target.scrollIntoView({ block: "nearest", inline: "nearest" });
}
