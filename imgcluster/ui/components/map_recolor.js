// Other colours for the dots of a flat map, without Plotly: any change of colours would make it place all dots anew, which
// takes most of the time of a move of the slider. It goes round Plotly by what its WebGL traces are drawn with (regl's
// scatter2d); where that is not as expected, nothing is done, and the caller asks Plotly.

/**
 * @param {object[]} changes of traces that have dots, none of them selected: `trace`, its number; `marker`, its colours as
 *   Plotly takes them, for when it draws for another reason; `colors`, of each dot [red, green, blue, opacity], 0 to 1
 * @returns {boolean} whether that was possible
 */
function recolor(root, changes) {
  const layout = root._fullLayout;
  const scene = layout?._plots?.xy?._scene;
  const known = changes.map((change) => {
    const place = root.calcdata?.[change.trace]?.[0]?.t?.index;
    return { ...change, place, options: scene?.markerOptions?.[place] };
  });
  const isAsExpected = ({ options, colors }) => options?.colors?.length === colors.length;
  if (!scene?.scatter2d || scene.dirty || !known.every(isAsExpected)) return false;
  const updates = scene.markerOptions.map(() => undefined); // leaves a trace as it is
  for (const { trace, marker, colors, place, options } of known) {
    for (const each of [root.data[trace], root._fullData[trace]]) Object.assign(each.marker, marker);
    options.colors = colors;
    updates[place] = { colors };
  }
  scene.scatter2d.update(updates);
  if (scene.select2d) scene.select2d.update(updates); // draws the dots that a lasso selects, once there was such a tool
  const nDrawnOn = scene.selectBatch?.some((batch) => batch?.length) ? 2 : 1; // the second is for what a lasso selects
  for (const { regl } of layout._glcanvas.data().slice(0, nDrawnOn)) regl?.clear({ color: [0, 0, 0, 0], depth: 1 });
  scene.draw();
  root.emit("plotly_afterplot");
  return true;
}

/** Red, green and blue of "#rrggbb", from 0 to 1. */
function fractions(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
}
