// Downloads as a Worker uses them: passed on with their length, read into memory of one's own, cut.
import { createClient } from "itero-dpms";

export default {
  async fetch(request) {
    const { baseUrl } = await request.json();
    const client = await createClient({ endpoints: { baseUrl }, accessToken: "token" });
    const body = async (orderId) => (await client.downloadScan(orderId, "IMAGE_GALLERY")).body;
    const passedOn = await fetch(`${baseUrl}/store`, { method: "PUT", body: await body(1) });
    return Response.json({
      stored: await passedOn.json(),
      read: await readAll(await body(1)),
      cut: await readAll(await body(2)).catch((error) => error.kind),
    });
  },
};

async function readAll(body) {
  const reader = body.getReader({ mode: "byob" });
  let length = 0;
  for (let memory = new Uint8Array(1000); ;) {
    const { done, value } = await reader.read(memory);
    if (done) return length;
    length += value.length;
    memory = new Uint8Array(value.buffer);
  }
}
