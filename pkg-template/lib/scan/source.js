// Reads the bytes of a source in pieces.

/** The largest piece, in bytes: small enough that reading one never keeps the thread busy for long. */
export const PIECE = 1 << 20;

/**
 * @typedef {object} Input
 * @property {number | null} totalBytes
 * @property {(isOwned: boolean) => Promise<Uint8Array<ArrayBuffer> | null>} read returns the next piece, null at the end; with
 *   `isOwned`, one whose memory nobody else uses
 * @property {(reason: unknown) => void} cancel
 */

/** @param {any} source @param {string} call @returns {Input} */
export function inputOf(source, call) {
  if (ArrayBuffer.isView(source)) return memory(source.buffer, source.byteOffset, source.byteLength);
  switch (Object.prototype.toString.call(source)) {
    case "[object ArrayBuffer]":
    case "[object SharedArrayBuffer]":
      return memory(source, 0, source.byteLength);
    case "[object Blob]":
    case "[object File]":
      return blob(source);
  }
  if (typeof source?.getReader === "function") return stream(source, null, false, call);
  if (typeof source?.headers?.get === "function" && "body" in source) return response(source, call);
  throw new TypeError(`${call}: give a Response, a Blob, a ReadableStream, an ArrayBuffer or a Uint8Array`);
}

/** @param {ArrayBufferLike} buffer @param {number} start @param {number} length @returns {Input} */
function memory(buffer, start, length) {
  let at = 0;
  return {
    totalBytes: length,
    async read(isOwned) {
      if (at >= length) return null;
      const piece = /** @type {Uint8Array<ArrayBuffer>} */ (
        new Uint8Array(buffer, start + at, Math.min(PIECE, length - at))
      );
      at += piece.length;
      return isOwned ? copyOf(piece) : piece;
    },
    cancel() {
      at = length;
    },
  };
}

/** @param {Blob} blob @returns {Input} */
function blob(blob) {
  let at = 0;
  return {
    totalBytes: blob.size,
    async read() {
      if (at >= blob.size) return null;
      const piece = new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
      at += PIECE;
      return piece;
    },
    cancel() {
      at = blob.size;
    },
  };
}

/** @param {Response} response @param {string} call @returns {Input} */
function response({ body, bodyUsed, headers }, call) {
  if (bodyUsed) throw new TypeError(`${call}: the response's body is used already`);
  const length = headers.get("Content-Encoding") === null ? Number(headers.get("Content-Length") ?? NaN) : NaN;
  const totalBytes = Number.isSafeInteger(length) && length >= 0 ? length : null;
  return body === null ? memory(new ArrayBuffer(0), 0, 0) : stream(body, totalBytes, true, call);
}

/**
 * @param {ReadableStream<any>} stream
 * @param {number | null} totalBytes
 * @param {boolean} isOwned whether nobody else has its chunks; the other branch of a `tee` may have them
 * @param {string} call
 * @returns {Input}
 */
function stream(stream, totalBytes, isOwned, call) {
  if (stream.locked) throw new TypeError(`${call}: the stream is locked to another reader`);
  const reader = stream.getReader();
  /** @type {Uint8Array} */
  let rest = new Uint8Array(0);
  return {
    totalBytes,
    async read() {
      while (rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) return null;
        if (!ArrayBuffer.isView(value)) throw new TypeError(`${call}: the stream's chunks must be Uint8Arrays`);
        const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
        if (isOwned && bytes.length <= PIECE && isWhole(bytes)) return /** @type {Uint8Array<ArrayBuffer>} */ (bytes);
        rest = bytes;
      }
      const piece = copyOf(rest.subarray(0, PIECE));
      rest = rest.subarray(PIECE);
      return piece;
    },
    cancel(reason) {
      rest = new Uint8Array(0);
      reader.cancel(reason).catch(() => {});
    },
  };
}

/** Returns whether bytes fill their whole buffer, so that it can be transferred. @param {Uint8Array} bytes */
const isWhole = ({ buffer, byteLength }) =>
  Object.prototype.toString.call(buffer) === "[object ArrayBuffer]" && byteLength === buffer.byteLength;

/** @param {Uint8Array} bytes */
function copyOf(bytes) {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}
