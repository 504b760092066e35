// A user's TypeScript in a project without the DOM's or Node's types: the package declares as much of them as its users need.
import { createClient, type CallOptions, type ClientOptions } from "itero-dpms";
import * as inlineClient from "itero-dpms/inline";
import { load } from "itero-dpms/slim";
import { scanEvents } from "itero-dpms/events";
import { createSandbox } from "itero-dpms/sandbox";
import * as inlineSandbox from "itero-dpms/sandbox/inline";
import { isScanError, openScan } from "itero-dpms/scan";
import webhook, { createReceiver } from "itero-dpms/webhook";
import * as inlineWebhook from "itero-dpms/webhook/inline";

export async function download(options: ClientOptions, call: CallOptions): Promise<number> {
  const client = await createClient(options);
  const response = await client.downloadScan(1, "IDE", call);
  if (call.signal?.aborted || response === null) return 0;
  const length: string | null = response.headers.get("content-length");
  const status: number = response.status;
  const bytes: ArrayBuffer = await response.arrayBuffer();
  return length === null ? bytes.byteLength : status;
}

export async function open(options: ClientOptions): Promise<number> {
  const response = await (await createClient(options)).downloadScan(1, "IDE");
  if (response === null) return 0;
  const scan = openScan(response, { worker: false });
  for await (const mesh of scan) {
    const triangles: number = mesh.index.length / 3;
    if (isScanError(mesh.file?.error)) return triangles;
  }
  const size: number = (await scan.read("a.jpg")).size;
  scan.close();
  return size;
}

export async function serve(): Promise<number[]> {
  const receive = createReceiver({ callbackSecrets: "secret", store: () => undefined });
  const sandbox = await createSandbox();
  const response = await sandbox.fetch("https://sandbox.invalid/", { method: "POST", body: "{}" });
  type Handler = (request: Parameters<typeof receive>[0]) => Promise<typeof response>;
  const handler: Handler = receive;
  void [handler, webhook.fetch];
  return [response.status];
}

export async function follow(session: () => Promise<string>): Promise<number> {
  const onState = (state: { type: string }) => void state.type;
  for await (const { seq } of scanEvents({ edgeUrl: "https://itero.example", companyId: 1, session, onState }))
    return seq;
  return 0;
}

export const inline: {
  createClient: typeof createClient;
  createSandbox: typeof createSandbox;
  createReceiver: typeof createReceiver;
  default: typeof webhook;
} = { ...inlineClient, ...inlineSandbox, ...inlineWebhook };

export const loading: (module: object) => Promise<void> = load;

// @ts-expect-error a status is a number
export const wrong: string = (await (await createSandbox()).fetch("https://sandbox.invalid/")).status;
