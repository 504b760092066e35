// How the relay passes a body on: whole, and with little memory however fast the API is.
import assert from "node:assert/strict";

import { passOn } from "../../../pkg/lib/webhook/pass-on.js";
import { test } from "../support/test.mjs";

/** The pipe of Workers, which Node lacks: a part is no longer used once its write resolves. */
globalThis.IdentityTransformStream = class extends TransformStream {
  constructor() {
    super({ transform: (part, controller) => controller.enqueue(part.slice()) });
  }
};

const KB = 1024;

/** A body that fills each buffer as far as `fill` lets it, with bytes that count on. Says how large the buffers were. */
function bodyOf(length, fill) {
  const sizes = [];
  let sent = 0;
  const body = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { view } = controller.byobRequest;
      sizes.push(view.byteLength);
      const count = Math.min(view.byteLength, fill, length - sent);
      for (let at = 0; at < count; at++) view[at] = (sent + at) % 251;
      sent += count;
      if (count === 0) controller.close();
      controller.byobRequest.respond(count);
    },
  });
  return { body, sizes };
}

async function passed(length, fill) {
  const { body, sizes } = bodyOf(length, fill);
  const ends = [];
  const place = { hold: () => {} };
  const end = (...how) => ends.push(how);
  const response = passOn(
    new Response(body),
    { status: 200, headers: [] },
    new AbortController(),
    place,
    end,
    undefined,
  );
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.equal(bytes.length, length);
  assert.ok(
    bytes.every((byte, at) => byte === at % 251),
    "the same bytes in the same order",
  );
  assert.deepEqual(ends, [[200, length]]);
  return sizes;
}

test("an API that is fast is read in larger parts, up to 1 MB", async () => {
  const sizes = await passed(8_000 * KB, Infinity);
  assert.deepEqual(
    sizes.slice(0, 6),
    [64, 128, 256, 512, 1024, 1024].map((size) => size * KB),
  );
  assert.equal(Math.max(...sizes), 1024 * KB);
});

test("an API that is slower than the relay takes no more memory than at first", async () => {
  const sizes = await passed(1_000 * KB, 60 * KB);
  assert.equal(Math.max(...sizes), 64 * KB);
});
