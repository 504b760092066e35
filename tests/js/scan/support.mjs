// What the tests of scans share.
import { isScanError } from "itero-dpms/scan";
import { collect } from "../support/test.mjs";

/**
 * A stream of pieces; counts what was read and says whether it was cancelled.
 * @param {Uint8Array} bytes
 * @param {{ piece?: number, endsIn?: unknown, watch?: { read: number, cancelled: unknown } }} [options]
 */
export function streamOf(bytes, { piece = 65_536, endsIn, watch = { read: 0, cancelled: undefined } } = {}) {
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (at >= bytes.length) {
          if (endsIn === undefined) controller.close();
          else controller.error(endsIn);
          return;
        }
        const chunk = bytes.slice(at, at + piece);
        at += chunk.length;
        watch.read += chunk.length;
        controller.enqueue(chunk);
      },
      cancel(reason) {
        watch.cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
}

/** All that a scan gives, as values that can be compared. */
export async function outcomeOf(scan) {
  const told = (error) => (isScanError(error) ? [error.kind, error.message, error.file] : error);
  const outcome = (promise, of) => promise.then(of, (error) => ({ failed: told(error) }));
  const outcomes = {
    files: await outcome(scan.files(), (files) => files.map((file) => ({ ...file, error: told(file.error) }))),
    meshes: await outcome(collect(scan), (meshes) => meshes.map((mesh) => ({ ...mesh, file: mesh.file?.path }))),
    manifest: await outcome(scan.manifest()),
  };
  scan.close();
  return outcomes;
}
