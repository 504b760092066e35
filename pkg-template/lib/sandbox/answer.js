// Turns an answer of the core into a Response, with the faults that the core decided on: late, broken off, or not at all.

/** The Response to a request. Frees the answer. Rejects with the signal's reason if it is aborted while the answer is late. */
export async function deliver(answer, signal) {
  const { status, headers, body, delayMs, reset, cutAfterBytes } = answer;
  answer.free();
  if (delayMs > 0) await pause(delayMs, signal);
  if (reset) throw connectionReset("fetch failed");
  const pairs = headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]]] : []));
  const content = cutAfterBytes === undefined ? body : brokenOff(body.subarray(0, cutAfterBytes));
  return new Response(content, { status, headers: pairs });
}

/** What fetch rejects with, and a body's stream errors with, when the other side breaks the connection. */
function connectionReset(message) {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  return new TypeError(message, { cause });
}

/** These bytes, then an error. The error waits until they are read: it would throw away what is still queued. */
function brokenOff(bytes) {
  let isSent = bytes.length === 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (isSent) return controller.error(connectionReset("terminated"));
        isSent = true;
        controller.enqueue(bytes);
      },
    },
    { highWaterMark: 0 },
  );
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
