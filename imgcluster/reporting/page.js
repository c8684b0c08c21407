(() => {
  "use strict";
  // Names come from files that anybody may have named: they become text, never HTML.
  const data = JSON.parse(document.getElementById("data").textContent);
  const { names, groups, titles, ids, medoids, order, places } = data;
  const card = document.getElementById("card");
  const links = [...document.querySelectorAll(".index a")];
  const colors = Object.fromEntries(
    links.map((link) => [link.dataset.group, getComputedStyle(link).getPropertyValue("--group").trim()]),
  );

  // Pictures: on the page, or in the blocks of data of their group.
  const blocks = {};
  const shown = new Map();
  const kept = new Map();
  for (const image of document.querySelectorAll("img[data-image]")) shown.set(Number(image.dataset.image), image);
  for (const block of document.querySelectorAll("script[data-part]")) (blocks[block.dataset.group] ??= []).push(block);

  function read(block) {
    if (!kept.has(block)) {
      const { images, pictures } = JSON.parse(block.textContent);
      kept.set(block, new Map(images.map((image, at) => [image, pictures[at]])));
    }
    return kept.get(block);
  }

  function addressOf(image) {
    if (shown.has(image)) return shown.get(image).src;
    const block = (blocks[groups[image]] ?? []).find((each) => read(each).has(image));
    const picture = block && read(block).get(image);
    return picture ? `data:image/jpeg;base64,${picture}` : null;
  }

  // The pictures of a group that are not on the page, a block at a time.
  function listItem(image, picture) {
    const item = document.createElement("li");
    const view = document.createElement(picture ? "img" : "span");
    if (picture) {
      view.src = `data:image/jpeg;base64,${picture}`;
      view.alt = names[image];
      view.dataset.image = image;
    } else {
      view.className = "missing";
      view.setAttribute("role", "img");
      view.setAttribute("aria-label", `${names[image]}: no picture`);
    }
    const name = document.createElement("span");
    name.className = "name";
    name.setAttribute("aria-hidden", "true");
    name.title = names[image];
    name.textContent = names[image].split("/").pop();
    item.append(view, name);
    return item;
  }

  for (const details of document.querySelectorAll("details.rest")) {
    const list = details.querySelector("ul");
    const waiting = [...(blocks[details.dataset.group] ?? [])];
    const more = document.createElement("button");
    more.type = "button";
    const scrolled = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && next(), {
      rootMargin: "600px",
    });
    const next = () => {
      const block = waiting.shift();
      if (block) list.append(...[...read(block)].map(([image, picture]) => listItem(image, picture)));
      const n_left = waiting.reduce((sum, each) => sum + read(each).size, 0);
      more.textContent = `Show more (${n_left.toLocaleString("en")} left)`;
      scrolled.unobserve(more); // asked again at its new place
      if (waiting.length) scrolled.observe(more);
      else more.remove();
    };
    more.addEventListener("click", next);
    details.addEventListener("toggle", () => {
      if (!details.open || list.childElementCount) return;
      details.append(more);
      next();
    });
  }

  // The card with one picture, by the pointer.
  function showCard(image, x, y) {
    const address = addressOf(image);
    const picture = card.querySelector("img");
    if (address) picture.src = address;
    else picture.removeAttribute("src");
    card.querySelector(".dot").style.background = colors[groups[image]];
    card.querySelector(".title").textContent = titles[groups[image]];
    card.querySelector(".name").textContent = names[image];
    card.hidden = false;
    const { width, height } = card.getBoundingClientRect();
    const left = x + 16 + width < innerWidth ? x + 16 : Math.max(4, x - 16 - width);
    const top = Math.min(Math.max(4, y - height / 2), innerHeight - height - 4);
    card.style.transform = `translate(${left}px, ${top}px)`;
  }
  const hideCard = () => (card.hidden = true);

  document.addEventListener("pointerover", (event) => {
    const over = event.pointerType === "mouse" && event.target.closest?.(".pictures img");
    if (over) showCard(Number(over.dataset.image), over.getBoundingClientRect().right - 16, event.clientY);
    else if (event.target.id !== "map") hideCard();
  });
  addEventListener("scroll", hideCard, { passive: true });

  const goTo = (group) => {
    hideCard();
    location.hash = ids[group];
    document.getElementById(ids[group]).focus({ preventScroll: true });
  };

  const canvas = document.getElementById("map");
  if (!canvas || !places) return;

  // The map. A place (0 to 10,000) is drawn at place * scale + shift.
  const context = canvas.getContext("2d");
  const view = { scale: 1, x: 0, y: 0 };
  let [width, height, fitting] = [0, 0, 1];
  let marked = null; // the group that is pointed at in the list
  let over = -1;
  let withFaces = true;
  let asked = 0;
  const faces = medoids.filter((image) => shown.has(image));
  const drawing = [...order].reverse(); // the first ones, typical ones of large groups, on top
  const byGroup = new Map();
  for (const image of drawing) {
    if (!byGroup.has(groups[image])) byGroup.set(groups[image], []);
    byGroup.get(groups[image]).push(image);
  }

  const xOf = (image) => places[2 * image] * view.scale + view.x;
  const yOf = (image) => places[2 * image + 1] * view.scale + view.y;
  const radius = () => {
    const alone = names.length > 20000 ? 1.6 : names.length > 5000 ? 2.2 : names.length > 1000 ? 3 : 4.5;
    return alone * Math.min(2.5, (view.scale / fitting) ** 0.35);
  };

  function showAll() {
    const margin = 30;
    const [xs, ys] = [0, 1].map((axis) => places.filter((_, at) => at % 2 === axis));
    const [left, right] = [Math.min(...spread(xs)), Math.max(...spread(xs))];
    const [top, bottom] = [Math.min(...spread(ys)), Math.max(...spread(ys))];
    fitting = Math.min((width - 2 * margin) / (right - left || 1), (height - 2 * margin) / (bottom - top || 1));
    if (right === left && bottom === top) fitting = 0.01;
    view.scale = fitting;
    view.x = width / 2 - (fitting * (left + right)) / 2;
    view.y = height / 2 - (fitting * (top + bottom)) / 2;
    draw();
  }
  // The extremes alone: hundreds of thousands of numbers are too many for one call.
  const spread = (values) => values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [1e9, -1e9]);

  function draw() {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(paint);
  }

  function paint() {
    const density = canvas.width / width;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, height);
    const size = radius();
    for (const [group, images] of byGroup) {
      context.globalAlpha = marked === null ? 0.85 : marked === group ? 1 : 0.1;
      context.fillStyle = colors[group];
      context.beginPath();
      for (const image of images) {
        const [x, y] = [xOf(image), yOf(image)];
        if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
        context.moveTo(x + size, y);
        context.arc(x, y, size, 0, 2 * Math.PI);
      }
      context.fill();
    }
    context.globalAlpha = 1;
    if (withFaces) paintFaces();
    if (over >= 0) {
      context.lineWidth = 2;
      context.strokeStyle = getComputedStyle(canvas).color;
      context.beginPath();
      context.arc(xOf(over), yOf(over), size + 3.5, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  // The most typical picture of each group at its place, where no other is in the way.
  function paintFaces() {
    const side = Math.max(24, Math.min(36, width / 22));
    const taken = [];
    const first = marked === null ? [] : faces.filter((image) => groups[image] === marked);
    for (const image of [...first, ...faces]) {
      const picture = shown.get(image);
      const [x, y] = [xOf(image) - side / 2, yOf(image) - side / 2];
      if (!(picture.complete && picture.naturalWidth) || x < -side || y < -side || x > width || y > height) continue;
      if (taken.some(([a, b]) => Math.abs(a - x) < side + 6 && Math.abs(b - y) < side + 6)) continue;
      taken.push([x, y]);
      const cut = Math.min(picture.naturalWidth, picture.naturalHeight);
      const [cutX, cutY] = [(picture.naturalWidth - cut) / 2, (picture.naturalHeight - cut) / 2];
      context.globalAlpha = marked === null || groups[image] === marked ? 1 : 0.25;
      context.drawImage(picture, cutX, cutY, cut, cut, x, y, side, side);
      context.lineWidth = 2.5;
      context.strokeStyle = colors[groups[image]];
      context.strokeRect(x, y, side, side);
    }
    context.globalAlpha = 1;
  }

  function nearest(x, y) {
    let [found, best] = [-1, Math.max(9, radius() + 4) ** 2];
    for (const image of order) {
      const distance = (xOf(image) - x) ** 2 + (yOf(image) - y) ** 2;
      if (distance < best) [found, best] = [image, distance];
    }
    return found;
  }

  function zoom(factor, x = width / 2, y = height / 2) {
    const scale = Math.min(200 * fitting, Math.max(0.5 * fitting, view.scale * factor));
    view.x = x - ((x - view.x) * scale) / view.scale;
    view.y = y - ((y - view.y) * scale) / view.scale;
    view.scale = scale;
    draw();
  }
  const move = (x, y) => {
    view.x += x;
    view.y += y;
    draw();
  };

  let [pressed, wasDragged] = [null, false];
  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    [pressed, wasDragged] = [{ x: event.offsetX, y: event.offsetY }, false];
    if (event.pointerType !== "touch") canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return; // scrolls the page
    const [x, y] = [event.offsetX, event.offsetY];
    if (pressed) {
      wasDragged ||= Math.hypot(x - pressed.x, y - pressed.y) > 4;
      if (!wasDragged) return;
      canvas.classList.add("dragged");
      point(-1);
      move(x - pressed.x, y - pressed.y);
      pressed = { x, y };
    } else point(nearest(x, y), event);
  });
  canvas.addEventListener("pointerup", (event) => {
    canvas.classList.remove("dragged");
    if (pressed && !wasDragged) {
      const image = nearest(event.offsetX, event.offsetY);
      // A finger sees the picture first, and goes to its group when it comes again.
      if (event.pointerType === "touch" && image !== over) point(image, event);
      else if (image >= 0) goTo(groups[image]);
    }
    pressed = null;
  });
  canvas.addEventListener("pointercancel", () => (pressed = null));
  canvas.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && point(-1));

  function point(image, event) {
    canvas.classList.toggle("over", image >= 0);
    if (image >= 0) showCard(image, event.clientX, event.clientY);
    else hideCard();
    if (image === over) return;
    over = image;
    draw();
  }

  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // a long page is scrolled across the map
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 200), event.offsetX, event.offsetY);
    },
    { passive: false },
  );
  canvas.addEventListener("dblclick", (event) => zoom(2, event.offsetX, event.offsetY));
  const keys = {
    ArrowLeft: () => move(60, 0),
    ArrowRight: () => move(-60, 0),
    ArrowUp: () => move(0, 60),
    ArrowDown: () => move(0, -60),
    "+": () => zoom(1.5),
    "=": () => zoom(1.5),
    "-": () => zoom(1 / 1.5),
    0: showAll,
  };
  canvas.addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.getElementById("zoom-in").addEventListener("click", () => zoom(1.5));
  document.getElementById("zoom-out").addEventListener("click", () => zoom(1 / 1.5));
  document.getElementById("zoom-all").addEventListener("click", showAll);
  document.getElementById("faces").addEventListener("click", ({ currentTarget }) => {
    withFaces = !withFaces;
    currentTarget.setAttribute("aria-pressed", withFaces);
    draw();
  });

  for (const link of links) {
    const mark = (group) => {
      marked = group;
      draw();
    };
    link.addEventListener("pointerenter", () => mark(Number(link.dataset.group)));
    link.addEventListener("focus", () => mark(Number(link.dataset.group)));
    link.addEventListener("pointerleave", () => mark(null));
    link.addEventListener("blur", () => mark(null));
  }

  for (const image of faces) {
    shown.get(image).loading = "eager";
    shown.get(image).decode().then(draw, () => {});
  }
  new ResizeObserver(() => {
    const before = width;
    [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || matchMedia("print").matches) return; // on paper the picture of the screen is made to fit
    const density = Math.max(1, devicePixelRatio || 1);
    [canvas.width, canvas.height] = [width * density, height * density];
    if (before) draw();
    else showAll();
    canvas.dataset.drawn = names.length;
  }).observe(canvas);
})();
