// A module with so little memory that a test can use it up: a lack of memory is a trap.
import assert from "node:assert/strict";

/** The module with a limit to its memory. */
export function withAtMost(limit, bytes) {
  let at = 8;
  const leb = () => {
    let value = 0;
    for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) {
      byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
    }
    return value;
  };
  const encoded = (value) => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...encoded(value >> 7)]);
  while (at < bytes.length) {
    const start = at;
    const id = bytes[at++];
    const end = leb() + at;
    if (id === 5) {
      assert.deepEqual([leb(), leb()], [1, 0], "one memory without a limit");
      const content = [1, 1, ...encoded(leb()), ...encoded(limit / 65_536)];
      return Buffer.concat([
        bytes.subarray(0, start),
        Buffer.from([5, ...encoded(content.length), ...content]),
        bytes.subarray(end),
      ]);
    }
    at = end;
  }
  return assert.fail("no memory");
}
