// What was drawn around dots, as Plotly keeps it: of pictures without a dot only this says whether they are inside.

/** Of each lasso or box its outlines in the coordinates of the map, which are lists of corners [x, y]. */
function outlinesOf(selections) {
  return selections.map(({ type, path, x0, x1, y0, y1 }) => {
    if (type === "rect") return [[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]];
    const parts = path.split("M").slice(1); // "M1,2L3,4L5,6Z", and the same again for a hole that was cut out of it
    return parts.map((part) => part.replace("Z", "").split("L").map((corner) => corner.split(",").map(Number)));
  });
}

/** Whether a line from the point to the right crosses the outlines an odd number of times: not where one is a hole. */
function isInside(outlines, x, y) {
  let inside = false;
  for (const outline of outlines) {
    let [beforeX, beforeY] = outline[outline.length - 1];
    for (const [cornerX, cornerY] of outline) {
      const crosses = cornerY > y !== beforeY > y;
      if (crosses && x < cornerX + ((beforeX - cornerX) * (y - cornerY)) / (beforeY - cornerY)) inside = !inside;
      [beforeX, beforeY] = [cornerX, cornerY];
    }
  }
  return inside;
}
