// Stands in for R2 behind workerd's R2 binding on this machine: stores objects as files, each with a file for its metadata.
// Supports `head`, `get` and `put` without conditions and ranges, which is all that worker.js uses.
const HEADER = "cf-r2-metadata-size";

export default {
  async fetch(request, { DISK }) {
    if (request.method === "PUT") return put(request, DISK);
    const { method, object } = JSON.parse(request.headers.get("cf-r2-request"));
    const description = await DISK.fetch(url(`${object}.json`));
    if (!description.ok) return failure(404, 10007, "The specified key does not exist.");
    const head = await description.text();
    const file = method === "get" ? await (await DISK.fetch(url(object))).blob() : "";
    return new Response(new Blob([head, file]), { headers: { [HEADER]: new Blob([head]).size } });
  },
};

/** The request's body starts with the operation as JSON; the object follows. */
async function put(request, disk) {
  const begin = Number(request.headers.get(HEADER));
  const size = Number(request.headers.get("content-length")) - begin;
  const reader = request.body.getReader({ mode: "byob" });
  const { value } = await reader.readAtLeast(begin, new Uint8Array(begin));
  reader.releaseLock();
  const { object, customFields } = JSON.parse(new TextDecoder().decode(value));
  const body = request.body.pipeThrough(new FixedLengthStream(size));
  const file = await disk.fetch(url(object), { method: "PUT", body });
  if (!file.ok) return failure(500, 10001, "The file cannot be written.");
  const version = crypto.randomUUID();
  const head = JSON.stringify({ name: object, version, etag: version, size, uploaded: Date.now(), customFields });
  const description = await disk.fetch(url(`${object}.json`), { method: "PUT", body: head });
  return description.ok ? new Response(head) : failure(500, 10001, "The description cannot be written.");
}

const url = (object) => `http://disk/${object.split("/").map(encodeURIComponent).join("/")}`;

const failure = (status, v4code, message) =>
  new Response(null, { status, headers: { "cf-r2-error": JSON.stringify({ version: 0, v4code, message }) } });
