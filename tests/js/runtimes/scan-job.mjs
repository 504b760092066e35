// A scan downloaded and opened, in plain JavaScript that every runtime under test imports. It reports what it saw as JSON.

/** What every runtime must report; `workers` is how many were started where there are some. */
export const expected = (workers) => ({
  meshes: ["upper stl true", "lower stl true"],
  isWelded: true,
  sawPreview: true,
  files: { mesh: 2, picture: 6, metadata: 1, document: 1 },
  arrangement: "teeth-up",
  picture: "image/jpeg",
  isKeptWhole: true,
  closed: "AbortError",
  aborted: "the signal's own reason",
  page: "not-a-zip",
  mesh: [4, "not-a-mesh"],
  ...workers,
});

/** A browser's workers: one a scan. One that does not start is an error if it is the caller's, and is done without if not. */
export const WORKERS = { workers: 3, missing: "worker", withoutWorker: ["upper stl true", "lower stl true"] };

/**
 * @param {typeof import("itero-dpms")} itero
 * @param {typeof import("itero-dpms/scan")} scans
 * @param {{ baseUrl: string, accessToken: string }} practice a sandbox over HTTP
 * @param {boolean} [hasOwnWorker] whether `openScan` has a worker of the page's own
 */
export async function scanJob({ createClient }, scans, { baseUrl, accessToken }, hasOwnWorker = false) {
  const { openScan, readMesh } = scans;
  const client = await createClient({ endpoints: { baseUrl }, accessToken });
  const { orders } = await client.listOrders({ pageSize: 1 });
  const download = () => client.downloadScan(orders[0].orderId, "IDE");
  const workers = countWorkers();

  const scan = openScan(await download(), { preview: { triangles: 1_000, everyMs: 1 } });
  const meshes = [];
  let sawPreview = false;
  for await (const mesh of scan) {
    if (mesh.complete) meshes.push(mesh);
    else sawPreview = true;
  }
  const files = {};
  for (const { kind } of await scan.files()) files[kind] = (files[kind] ?? 0) + 1;
  const picture = (await scan.files()).find(({ kind }) => kind === "picture");
  const zip = await scan.zip();
  const report = {
    meshes: meshes.map(describe),
    isWelded: meshes.every(({ index, position }) => index.length > 2.9 * (position.length / 3)),
    sawPreview,
    files,
    arrangement: (await scan.manifest()).arrangement,
    picture: (await scan.read(picture)).type,
    isKeptWhole: (await openScan(zip).files()).length === 10,
  };
  const late = scan.read(picture);
  scan.close();
  report.closed = (await failure(late)).name;

  const controller = new AbortController();
  const aborted = openScan(await download(), { signal: controller.signal }).files();
  controller.abort("the signal's own reason");
  report.aborted = await failure(aborted);
  report.page = (await failure(openScan(new TextEncoder().encode("<!doctype html>"), { keep: false }).files())).kind;
  const triangle = "facet outer loop vertex 0 0 0 vertex 1 0 0 vertex 0 1 0 endloop endfacet ";
  const mesh = await readMesh(new Blob([`solid x\n${triangle}${triangle}${triangle}${triangle}endsolid`]), {
    worker: false,
  });
  const refused = await failure(readMesh(new Blob(["no mesh"]), { worker: false }));
  report.mesh = [mesh.index.length / 3, refused.kind];
  if (workers === null) return report;
  report.workers = workers.count;
  return { ...report, ...(await missingWorkers(openScan, zip, hasOwnWorker)) };
}

const describe = ({ role, format, complete }) => `${role} ${format} ${complete}`;

const failure = (call) =>
  call.then(
    () => "no failure",
    (reason) => reason,
  );

/** Counts the workers that are made from now on; null where there is no page. */
function countWorkers() {
  if (typeof document === "undefined") return null;
  const counted = { count: 0 };
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      counted.count += 1;
    }
  };
  return counted;
}

/** What becomes of scans whose worker's file is not there, or not allowed by the page's policy. */
async function missingWorkers(openScan, zip, hasOwnWorker) {
  const Counting = globalThis.Worker;
  const missing = new URL("missing.js", location.href);
  const error = await failure(openScan(zip, { worker: () => new Counting(missing, { type: "module" }) }).files());
  if (hasOwnWorker) return { missing: error.kind };
  globalThis.Worker = class extends Counting {
    constructor() {
      super(missing, { type: "module" });
    }
  };
  const meshes = [];
  for await (const mesh of openScan(zip)) meshes.push(describe(mesh));
  return { missing: error.kind, withoutWorker: meshes };
}
