// A zip of one binary STL file to a welded mesh, as quickly as plain JavaScript does it, without any check.

/** Returns the first file of a zip. */
export function inflated(bytes) {
  const view = new DataView(bytes.buffer);
  const start = 30 + view.getUint16(26, true) + view.getUint16(28, true);
  const deflated = new Blob([bytes.subarray(start, start + view.getUint32(18, true))]);
  return new Response(deflated.stream().pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
}

export function weldedByHand(stl) {
  const view = new DataView(stl);
  const corners = view.getUint32(80, true) * 3;
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(corners * 2)));
  const mask = slots.length - 1;
  const position = new Float32Array(corners * 3);
  const bits = new Int32Array(position.buffer);
  const index = new Uint32Array(corners);
  let count = 0;
  for (let corner = 0; corner < corners; corner++) {
    const from = 84 + 50 * Math.floor(corner / 3) + 12 * (1 + (corner % 3));
    const to = count * 3;
    for (let axis = 0; axis < 3; axis++) position[to + axis] = view.getFloat32(from + 4 * axis, true) + 0;
    const [x, y, z] = [bits[to], bits[to + 1], bits[to + 2]];
    let at = hash(x, y, z) & mask;
    while (slots[at] !== 0) {
      const other = (slots[at] - 1) * 3;
      if (bits[other] === x && bits[other + 1] === y && bits[other + 2] === z) break;
      at = (at + 1) & mask;
    }
    if (slots[at] === 0) slots[at] = ++count;
    index[corner] = slots[at] - 1;
  }
  return { position: position.slice(0, count * 3), index };
}

function hash(x, y, z) {
  const mixed = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca6b) ^ Math.imul(z, 0xc2b2ae35);
  return Math.imul(mixed ^ (mixed >>> 15), 0x27d4eb2f);
}
