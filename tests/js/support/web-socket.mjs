// A WebSocket client (RFC 6455) with the browsers' interface, which Node 20 does not have. It can also stop reading, and vanish.
import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";

const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

export class WebSocket extends EventTarget {
  readyState = 0;
  protocol = "";
  /** The status of a reply that refuses the upgrade. @type {number | undefined} */
  status;
  #socket;
  #rest = Buffer.alloc(0);
  #fragments = [];
  #end = { code: 1006, reason: "" };

  /** @param {string} url @param {string[]} [protocols] @param {{ headers?: Record<string, string> }} [options] */
  constructor(url, protocols = [], { headers = {} } = {}) {
    super();
    const { hostname, port, pathname, search } = new URL(url);
    const key = randomBytes(16).toString("base64");
    const asked = request({
      ...{ hostname, port, path: pathname + search, agent: false },
      headers: {
        ...{ Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key },
        ...(protocols.length > 0 && { "Sec-WebSocket-Protocol": protocols.join(", ") }),
        ...headers,
      },
    });
    asked.on("upgrade", (response, socket, head) => {
      const accept = createHash("sha1")
        .update(key + MAGIC)
        .digest("base64");
      if (response.headers["sec-websocket-accept"] !== accept || this.readyState !== 0) return socket.destroy();
      this.#open(response.headers["sec-websocket-protocol"] ?? "", socket, head);
    });
    asked.on("response", (response) => {
      this.status = response.statusCode;
      response.resume();
      this.#over();
    });
    asked.on("error", () => this.#over());
    asked.end();
  }

  send(text) {
    if (this.readyState === 1) this.#write(TEXT, Buffer.from(text));
  }

  close(code = 1000) {
    if (this.readyState === 1) this.#write(CLOSE, Buffer.from([code >> 8, code & 255]));
    this.readyState = 2;
  }

  /** No longer reads what comes. */
  pause() {
    this.#socket?.pause();
  }

  /** Breaks the line. */
  destroy() {
    this.#socket?.destroy();
  }

  #open(protocol, socket, head) {
    this.#socket = socket;
    this.protocol = protocol;
    this.readyState = 1;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.#read(bytes));
    socket.on("error", () => {});
    socket.on("close", () => this.#over());
    this.dispatchEvent(new Event("open"));
    this.#read(head);
  }

  #read(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const frame = frameOf(this.#rest);
      if (frame === null) return;
      this.#rest = this.#rest.subarray(frame.length);
      this.#take(frame);
    }
  }

  #take({ opcode, isLast, payload }) {
    if (opcode === PING) return this.#write(PONG, payload);
    if (opcode === PONG) return;
    if (opcode === CLOSE) {
      const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#end = { code, reason: payload.subarray(2).toString() };
      if (this.readyState === 1) this.#write(CLOSE, payload);
      this.readyState = 2;
      // Whoever does not close the connection then is not waited for, as in Chromium.
      setTimeout(() => this.#socket.destroy(), 2_000).unref();
      return;
    }
    this.#fragments.push(payload);
    if (!isLast) return;
    const data = Buffer.concat(this.#fragments.splice(0)).toString();
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  /** What a client sends is masked. */
  #write(opcode, payload) {
    const { length } = payload;
    const size = length < 126 ? [length | 128] : [126 | 128, length >> 8, length & 255];
    const mask = randomBytes(4);
    const masked = payload.map((byte, at) => byte ^ mask[at % 4]);
    this.#socket.write(Buffer.concat([Buffer.from([128 | opcode, ...size]), mask, masked]));
  }

  #over() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), this.#end));
  }
}

/** The frame that the bytes begin with, or null if it is not whole. */
function frameOf(bytes) {
  if (bytes.length < 2) return null;
  let size = bytes[1] & 127;
  let at = 2;
  if (size === 126) {
    if (bytes.length < 4) return null;
    size = bytes.readUInt16BE(2);
    at = 4;
  } else if (size === 127) {
    if (bytes.length < 10) return null;
    size = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  if (bytes.length < at + size) return null;
  const payload = bytes.subarray(at, at + size);
  return { opcode: bytes[0] & 15, isLast: (bytes[0] & 128) !== 0, payload, length: at + size };
}
