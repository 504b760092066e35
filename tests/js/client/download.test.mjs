// downloadScan (§4.7): a platform Response whose bytes stream, with progress, waiting, and errors for incomplete bodies.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { isDpmsError } from "itero-dpms";
import { cutChunked, cutShort, noContent, raw, reset, stall, text, trickle } from "../support/faulty-server.mjs";
import { deferred, rejection, test } from "../support/test.mjs";
import { FAST, scripted } from "../support/wire.mjs";

const ZIP = { "Content-Type": "application/zip" };
const BODY = Buffer.from("0123456789".repeat(1000));
const zip = raw(200, BODY, ZIP);

/** Reads a stream to its end or error. */
async function readAll(response) {
  const reader = response.body.getReader();
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return received;
    received += value.byteLength;
  }
}

/** A client of a scripted server, and the progress of its downloads. */
async function downloads(t, script, options) {
  const progress = [];
  const { client, server } = await scripted(t, script, options);
  const download = (asset = "IDE", more = {}) =>
    client.downloadScan(1, asset, { onProgress: (step) => progress.push({ ...step }), ...more });
  return { download, progress, server, client };
}

test("a download is a platform Response with the server's status, headers and exact bytes", async (t) => {
  const { download } = await downloads(t, () => zip);
  const response = await download();
  assert.ok(response instanceof Response);
  assert.equal(response.status, 200);
  assert.equal(response.ok, true);
  assert.equal(response.headers.get("content-type"), "application/zip");
  assert.equal(response.headers.get("content-length"), String(BODY.length));
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), BODY);
});

test("blob(), text() and for await read the Response too", async (t) => {
  const { download } = await downloads(t, () => zip);
  assert.equal((await (await download()).blob()).size, BODY.length);
  assert.equal(await (await download()).text(), BODY.toString());
  const chunks = [];
  for await (const chunk of (await download()).body) chunks.push(chunk);
  assert.deepEqual(Buffer.concat(chunks), BODY);
});

test("the Response is returned with its headers, before the body is complete", async (t) => {
  const { download } = await downloads(t, () => stall("first", { length: 1_000_000 }));
  const response = await download();
  const { value } = await response.body.getReader().read();
  assert.equal(Buffer.from(value).toString(), "first");
});

test("progress counts the bytes until done, with the total from Content-Length", async (t) => {
  const { download, progress } = await downloads(t, () =>
    trickle(BODY, { pieces: 5, everyMs: 20, contentType: "application/zip" }),
  );
  await (await download()).arrayBuffer();
  assert.ok(progress.length >= 2);
  for (const [i, step] of progress.entries()) {
    assert.deepEqual(Object.keys(step).sort(), ["receivedBytes", "state", "totalBytes"]);
    assert.equal(step.totalBytes, BODY.length);
    assert.equal(step.state, i === progress.length - 1 ? "done" : "downloading");
    if (i > 0) assert.ok(step.receivedBytes >= progress[i - 1].receivedBytes);
  }
  assert.equal(progress.at(-1).receivedBytes, BODY.length);
});

test("without a Content-Length the total is null and the end is still done", async (t) => {
  const chunked = (response) => {
    response.writeHead(200, ZIP);
    response.write(BODY.subarray(0, 4000));
    response.end(BODY.subarray(4000));
  };
  const { download, progress } = await downloads(t, () => chunked);
  await (await download()).arrayBuffer();
  assert.deepEqual(progress.at(-1), { state: "done", receivedBytes: BODY.length, totalBytes: null });
});

test("a compressed body is complete although its Content-Length counts other bytes", async (t) => {
  for (const body of [BODY, Buffer.from("tiny")]) {
    const packed = gzipSync(body);
    assert.notEqual(packed.length, body.length);
    const { download, progress } = await downloads(t, () => raw(200, packed, { ...ZIP, "Content-Encoding": "gzip" }));
    assert.deepEqual(Buffer.from(await (await download()).arrayBuffer()), body);
    assert.deepEqual(progress.at(-1), { state: "done", receivedBytes: body.length, totalBytes: null });
  }
});

test("an empty file is done with no bytes", async (t) => {
  const { download, progress } = await downloads(t, () => raw(200, "", ZIP));
  assert.equal((await (await download()).arrayBuffer()).byteLength, 0);
  assert.equal(progress.at(-1).state, "done");
  assert.equal(progress.at(-1).receivedBytes, 0);
});

for (const [when, script, throwsAt] of [
  ["at the start", () => zip, () => true],
  ["in the middle", () => zip, ({ receivedBytes }) => receivedBytes > 0],
  ["while waiting", () => text(404, ""), ({ state }) => state === "waiting"],
]) {
  test(`an error that onProgress throws ${when} ends the download, and nothing hangs`, async (t) => {
    const { client } = await scripted(t, script);
    const failure = new Error("a broken progress bar");
    const onProgress = (step) => {
      if (throwsAt(step)) throw failure;
    };
    const error = await rejection(
      client.downloadScan(1, "IDE", { onProgress }).then((response) => response.arrayBuffer()),
      5_000,
    );
    assert.equal(error, failure);
  });
}

for (const [when, script, rejectsAt] of [
  ["at the start", () => zip, () => true],
  ["in the middle", () => zip, ({ receivedBytes }) => receivedBytes > 0],
  ["while waiting", () => text(404, ""), ({ state }) => state === "waiting"],
]) {
  test(`what onProgress rejects with ${when} ends the download, and is no unhandled rejection`, async (t) => {
    const { client } = await scripted(t, script);
    const failure = new Error("a broken progress bar");
    const onProgress = async (step) => {
      if (rejectsAt(step)) throw failure;
    };
    const download = async () => {
      const reader = (await client.downloadScan(1, "IDE", { onProgress })).body.getReader();
      while (!(await reader.read()).done) await new Promise(setImmediate);
    };
    const error = await rejection(download(), 5_000);
    assert.equal(error, failure);
  });
}

test("what onProgress rejects with at the end, or later, is no unhandled rejection", async (t) => {
  const { client } = await scripted(t, () => zip);
  const late = deferred();
  const onProgress = ({ state }) => (state === "done" ? late.promise : undefined);
  const response = await client.downloadScan(1, "IDE", { onProgress });
  assert.equal((await response.arrayBuffer()).byteLength, BODY.length);
  late.reject(new Error("too late"));
  await new Promise(setImmediate); // an unhandled rejection fails the test
});

// ---- what is no file ---------------------------------------------------------------------------------------------

for (const [what, body, kind] of [
  ["a login page", "<!doctype html><title>Sign in</title>", "decode"],
  ["a page after a byte order mark and spaces", "\ufeff \n<html>", "decode"],
  ["an XML error", '<?xml version="1.0"?><Error/>', "decode"],
  ["an envelope that refuses", '{"Data":null,"Status":0,"Message":"BODY-SECRET"}', "server"],
  ["an envelope that refuses by a word", '{"Status":"Error"}', "server"],
  ["an envelope of something else", '{"Data":{"Results":[]},"Status":1}', "decode"],
  ["broken JSON", '{"Data":', "decode"],
]) {
  for (const type of ["application/zip", "text/html; charset=utf-8", "application/json", ""]) {
    test(`${what} as ${type || "nothing"} with a 200 is no archive but ${kind}`, async (t) => {
      const headers = type === "" ? {} : { "Content-Type": type };
      const { download, progress, client } = await downloads(t, () => raw(200, body, headers));
      for (const work of [() => download("IDE"), () => client.downloadScreenCapture(1, "capture")]) {
        const error = await rejection(work);
        assert.equal(error.kind, kind);
        assert.equal(error.status, 200);
        assert.equal(error.attempts, 1);
        assert.doesNotMatch(error.message, /BODY-SECRET|Sign in/);
      }
      assert.deepEqual(progress, []);
    });
  }
}

test("an endless page is not read to its end", async (t) => {
  const { client } = await scripted(t, [], {
    fetch: async () => new Response(new ReadableStream({ pull: (body) => body.enqueue(Buffer.alloc(10_000, "<p>")) })),
  });
  assert.equal((await rejection(client.downloadScan(1, "IDE"))).kind, "decode");
});

test("a file is one whatever its content type says", async (t) => {
  const { download } = await downloads(t, () => raw(200, BODY, { "Content-Type": "text/html" }));
  assert.deepEqual(Buffer.from(await (await download()).arrayBuffer()), BODY);
});

test("a body that stalls before its first byte is asked for again", async (t) => {
  const { client, server } = await scripted(t, (_, index) => (index === 0 ? stall("", { length: 9 }) : zip), {
    timeoutMs: 150,
    retry: FAST,
  });
  assert.equal((await (await client.downloadScan(1, "IDE")).arrayBuffer()).byteLength, BODY.length);
  assert.equal(server.requests.length, 2);
});

// ---- streams of bytes --------------------------------------------------------------------------------------------

test("a reader may bring its own memory", async (t) => {
  const { download } = await downloads(t, () => zip);
  const reader = (await download()).body.getReader({ mode: "byob" });
  const bytes = [];
  for (let memory = new Uint8Array(100); ;) {
    const { done, value } = await reader.read(memory);
    if (done) break;
    assert.ok(value.length <= 100);
    bytes.push(...value);
    memory = new Uint8Array(value.buffer);
  }
  assert.deepEqual(Buffer.from(bytes), BODY);
});

test("a chunk that the caller's fetch gives stays the caller's, however often it gives it", async (t) => {
  const chunk = new Uint8Array(BODY.subarray(0, 1000));
  let left = 3;
  const { client } = await scripted(t, [], {
    fetch: async () =>
      new Response(
        new ReadableStream({
          pull: (body) => ((left -= 1) < 0 ? body.close() : body.enqueue(left === 1 ? new Uint8Array() : chunk)),
        }),
      ),
  });
  const bytes = await (await client.downloadScan(1, "IDE")).arrayBuffer();
  assert.equal(bytes.byteLength, 2000);
  assert.equal(chunk.length, 1000);
});

test("where the platform has streams of a fixed length, as Workers do, a body whose length is known is one", async (t) => {
  const lengths = [];
  globalThis.FixedLengthStream = class extends TransformStream {
    constructor(length) {
      super();
      lengths.push(length);
    }
  };
  t.after(() => delete globalThis.FixedLengthStream);
  const { download } = await downloads(t, (_, index) => (index === 0 ? zip : cutChunked(BODY.subarray(0, 4000))));
  assert.deepEqual(Buffer.from(await (await download()).arrayBuffer()), BODY);
  assert.deepEqual(lengths, [BODY.length]);
  assert.equal((await rejection(readAll(await download()))).kind, "truncated");
  assert.deepEqual(lengths, [BODY.length]);
});

test("204 is null, for every asset (R82)", async (t) => {
  const { download } = await downloads(t, () => noContent());
  for (const asset of ["IDE", "IMAGE_GALLERY", "SCREEN_CAPTURE"]) assert.equal(await download(asset), null);
});

// ---- incomplete bodies -------------------------------------------------------------------------------------------

for (const [what, step] of [
  ["shorter than its Content-Length", () => cutShort(BODY, { sent: 4000, contentType: "application/zip" })],
  ["cut between chunks", () => cutChunked(BODY.subarray(0, 4000))],
]) {
  test(`a download ${what} errors its stream as truncated and never reports done`, async (t) => {
    const { download, progress } = await downloads(t, step);
    const error = await rejection(readAll(await download()));
    assert.ok(isDpmsError(error), String(error));
    assert.equal(error.kind, "truncated");
    assert.equal(error.endpoint, "order/:orderId/download/:assetType");
    assert.equal(error.retryable, true);
    assert.ok(progress.every(({ state }) => state !== "done"));
  });

  test(`arrayBuffer() of a download ${what} rejects`, async (t) => {
    const { download } = await downloads(t, step);
    const response = await download();
    const error = await rejection(response.arrayBuffer());
    assert.ok(error instanceof Error);
    if (isDpmsError(error)) assert.equal(error.kind, "truncated");
  });
}

test("a body that ends early without a network error is truncated too", async (t) => {
  // A custom fetch can hide the cut that a socket would report, so the bytes must be counted.
  const { client } = await scripted(t, [], {
    fetch: async () =>
      new Response(new Blob([BODY.subarray(0, 4000)]).stream(), {
        headers: { ...ZIP, "Content-Length": String(BODY.length) },
      }),
  });
  const error = await rejection(readAll(await client.downloadScan(1, "IDE")));
  assert.ok(isDpmsError(error), String(error));
  assert.equal(error.kind, "truncated");
});

test("cancelling the body ends the transfer", async (t) => {
  const { download, server } = await downloads(t, () => stall("first", { length: 1_000_000 }));
  const response = await download();
  const reader = response.body.getReader();
  await reader.read();
  await reader.cancel();
  await server.requests[0].closed;
});

test("a reader that stops reading stops the transfer, so that little is buffered", async (t) => {
  const piece = Buffer.alloc(256 * 1024, 1);
  const total = 256 * piece.length; // 64 MiB
  let written = 0;
  const pushed = deferred();
  const { download } = await downloads(t, () => async (response) => {
    response.writeHead(200, { ...ZIP, "Content-Length": total });
    while (written < total && !response.destroyed) {
      written += piece.length;
      if (!response.write(piece)) {
        const drained = new Promise((resolve) =>
          response.once("drain", () => resolve(true)).once("close", () => resolve(true)),
        );
        const idle = new Promise((resolve) => setTimeout(() => resolve(false), 1000));
        if (!(await Promise.race([drained, idle]))) break;
      }
    }
    pushed.resolve();
  });
  const response = await download();
  const reader = response.body.getReader();
  await reader.read();
  await pushed.promise;
  assert.ok(written < total / 2, `${written} of ${total} bytes were taken although one piece was read`);
  await reader.cancel();
});

// ---- waiting for a 3D archive ------------------------------------------------------------------------------------

test("waitMs: 0 rejects with not-ready after one request", async (t) => {
  const { download, progress, server } = await downloads(t, () => text(404, ""));
  const error = await rejection(download("IDE", { waitMs: 0 }));
  assert.equal(error.kind, "not-ready");
  assert.equal(error.status, 404);
  assert.equal(error.retryable, true);
  assert.match(error.message, /minute|later|again/i);
  assert.equal(server.requests.length, 1);
  assert.ok(progress.every(({ state }) => state !== "done"));
});

test("an archive that never becomes ready is not-ready after waitMs", async (t) => {
  const { download, progress, server } = await downloads(t, () => text(404, ""));
  const start = performance.now();
  const error = await rejection(download("IDE", { waitMs: 700 }));
  assert.equal(error.kind, "not-ready");
  assert.ok(performance.now() - start >= 600, "it did wait");
  assert.ok(server.requests.length >= 2, "it asked again");
  assert.ok(progress.length >= 1);
  for (const step of progress) assert.deepEqual([step.state, step.receivedBytes], ["waiting", 0]);
});

test(
  "a 404 for an IDE download is retried until the archive is ready, and the waiting is reported",
  { timeout: 60_000 },
  async (t) => {
    const events = [];
    const { download, progress } = await downloads(t, [text(404, ""), text(404, ""), zip], {
      onEvent: (event) => events.push(event),
    });
    const response = await download();
    assert.equal((await response.arrayBuffer()).byteLength, BODY.length);
    assert.equal(progress[0].state, "waiting");
    assert.equal(progress.at(-1).state, "done");
    const waits = events.filter((event) => event.type === "wait");
    assert.equal(waits.length, 2);
    for (const event of waits) assert.ok(event.delayMs > 0);
  },
);

test("retry: false does not forbid waiting for an archive", { timeout: 60_000 }, async (t) => {
  const { download } = await downloads(t, [text(404, ""), zip], { retry: false });
  assert.equal((await (await download()).arrayBuffer()).byteLength, BODY.length);
});

test("a 503 while waiting for an archive is retried", { timeout: 60_000 }, async (t) => {
  const { download } = await downloads(t, [text(404, ""), text(503, ""), zip]);
  assert.equal((await (await download()).arrayBuffer()).byteLength, BODY.length);
});

for (const asset of ["IMAGE_GALLERY", "SCREEN_CAPTURE"]) {
  test(`a 404 for ${asset} is final (R80)`, async (t) => {
    const { download, server, progress } = await downloads(t, () => text(404, ""));
    assert.equal((await rejection(download(asset))).kind, "not-found");
    assert.equal(server.requests.length, 1);
    assert.deepEqual(progress, []);
  });
}

test("a failing download rejects with its kind before its body is read", async (t) => {
  for (const [step, kind] of [
    [text(400, ""), "bad-request"],
    [text(401, ""), "unauthorized"],
    [text(500, ""), "server"],
    [reset(), "network"],
  ]) {
    const { download } = await downloads(t, () => step, { retry: FAST });
    assert.equal((await rejection(download())).kind, kind);
  }
});

test("concurrent downloads report their own progress", async (t) => {
  const sizes = [1000, 2000, 3000];
  const { client } = await scripted(t, (request) =>
    raw(200, Buffer.alloc(Number(request.path.split("/").at(-3)), 1), ZIP),
  );
  const ends = await Promise.all(
    sizes.map(async (size) => {
      let last;
      const response = await client.downloadScan(size, "IDE", { onProgress: (step) => (last = { ...step }) });
      await response.arrayBuffer();
      return last;
    }),
  );
  assert.deepEqual(
    ends,
    sizes.map((size) => ({ state: "done", receivedBytes: size, totalBytes: size })),
  );
});

test("an unread download does not block the client's next call", async (t) => {
  const { download } = await downloads(t, [stall("first", { length: 1_000_000 }), zip]);
  await download();
  assert.equal((await (await download()).arrayBuffer()).byteLength, BODY.length);
});
