// Passes a response of the API on to a page: its body streams, no faster than the page reads it, and is never in memory as
// a whole.

/** How long the API may pause within a body, in milliseconds. */
const SILENCE_MS = 30_000;

/**
 * How much is read at once: at first, and at most. Whenever the API fills a buffer, the next is twice as large. Without a buffer,
 * workerd reads 4 KB at a time.
 */
const FIRST_PART_BYTES = 64 * 1024;
const LARGEST_PART_BYTES = 1024 * 1024;

/** How long a page may take to read a part of the body. */
const UNREAD_MS = 300_000;

/**
 * Returns the page's response.
 * @param {Response} response
 * @param {{ status: number, headers: [string, string][] }} pass
 * @param {AbortController} controller aborts the call
 * @param {{ hold: () => void }} place
 * @param {(status: number, bytes: number) => void} end is called once, when everything is done
 * @param {((work: Promise<void>) => void) | undefined} waitUntil
 */
export function passOn({ body }, { status, headers }, controller, place, end, waitUntil) {
  const head = new Headers(headers);
  if (body === null || [204, 205, 304].includes(status)) {
    end(status, 0);
    return new Response(null, { status, headers: head });
  }
  const { readable, writable } = pipe(head.get("content-length"));
  const passed = pump(body, writable, controller, place).then((bytes) => end(status, bytes));
  waitUntil?.(passed);
  return new Response(readable, { status, headers: head });
}

/**
 * Returns a pipe of bytes, which announces their number if that is known.
 * @param {string | null} length
 * @returns {{ readable: ReadableStream<Uint8Array>, writable: WritableStream<Uint8Array> }}
 */
function pipe(length) {
  return length !== null && /^\d{1,15}$/.test(length)
    ? new FixedLengthStream(Number(length))
    : new IdentityTransformStream();
}

/**
 * Passes the bytes on and returns how many they were. Never rejects: the reader sees that the stream fails.
 * @param {ReadableStream<Uint8Array>} from
 * @param {WritableStream<Uint8Array>} to
 * @param {AbortController} controller
 * @param {{ hold: () => void }} place
 */
async function pump(from, to, controller, place) {
  const reader = from.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(FIRST_PART_BYTES);
  const writer = to.getWriter();
  const stop = () => {
    controller.abort();
    void reader.cancel().catch(() => {});
    void writer.abort().catch(() => {});
  };
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await within(SILENCE_MS, reader.read(new Uint8Array(buffer)), stop);
      if (done) break;
      await within(UNREAD_MS, writer.write(value), stop);
      bytes += value.byteLength;
      const isFull = value.byteLength === value.buffer.byteLength;
      buffer = isFull ? larger(value.buffer) : value.buffer;
      place.hold();
    }
    controller.signal.throwIfAborted();
    await writer.close();
  } catch {
    stop();
  }
  return bytes;
}

/**
 * Returns a buffer of twice the size, or this one if it is as large as one may be.
 * @param {ArrayBuffer} buffer
 */
const larger = (buffer) => (buffer.byteLength < LARGEST_PART_BYTES ? new ArrayBuffer(2 * buffer.byteLength) : buffer);

/**
 * Awaits work, and calls `stop` if it takes too long.
 * @template T
 * @param {number} ms
 * @param {Promise<T>} work
 * @param {() => void} stop
 */
async function within(ms, work, stop) {
  const timer = setTimeout(stop, ms);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
