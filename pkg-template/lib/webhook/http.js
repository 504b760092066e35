// What travels: the requests that come in, as the core reads them, and the calls that it wants made.

/** A body that is announced as no longer is read before the core asks for it, which saves asking it twice. */
const SHORT = 1024;

/** What the core says about a request, its body read if that matters: `{ reply }` or `{ practice, input, body }`. */
export async function judge(core, request, path, secrets) {
  const { method, headers } = request;
  const length = headers.get("content-length");
  const head = {
    method,
    path,
    query: new URL(request.url).search,
    authorization: headers.get("authorization"),
    contentLength: length === null ? null : Number(length),
  };
  let body = length !== null && Number(length) <= SHORT ? await readAll(request) : undefined;
  let verdict = core.receive(head, secrets, body);
  if (verdict.read !== undefined) {
    // What is announced is not more than allowed, or it were refused already. Else one byte more shows that there are too many.
    body = length === null ? await readAtMost(request.body, verdict.read + 1) : await readAll(request);
    verdict = core.receive(head, secrets, body);
  }
  return { ...verdict, body };
}

/** The Response to a reply of the core. */
export const respond = ({ status, headers, body }) => new Response(body, { status, headers });

/** Makes a call and gives what to tell the core of it. It never rejects: a call that fails is news too. */
export async function makeCall({ id, method, url, headers, body, timeoutMs, maxBytes }) {
  const signal = AbortSignal.timeout(timeoutMs);
  const failed = (reason) => ({ failed: { call: id, reason } });
  try {
    const response = await fetch(url, { method, headers, body, redirect: "manual", signal });
    const bytes = await readAtMost(response.body, maxBytes + 1);
    // Whoever wants no body at all does not mind how long it is.
    if (maxBytes > 0 && bytes.length > maxBytes) return failed("too-large");
    const header = (name) => response.headers.get(name);
    return {
      answered: {
        call: id,
        status: response.status,
        headers: { "retry-after": header("retry-after"), "content-type": header("content-type") },
        body: maxBytes > 0 ? new TextDecoder().decode(bytes) : "",
      },
    };
  } catch {
    return failed(signal.aborted ? "timeout" : "network");
  }
}

const readAll = async (request) => new Uint8Array(await request.arrayBuffer());

/** The first bytes of a stream, not more than `limit`; the rest is not waited for. */
async function readAtMost(stream, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of stream ?? []) {
    chunks.push(chunk.subarray(0, limit - size));
    size += chunks.at(-1).length;
    if (size === limit) break;
  }
  return chunks.length === 1 ? chunks[0] : new Uint8Array(await new Blob(chunks).arrayBuffer());
}
