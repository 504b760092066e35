import { openScan as open } from "itero-dpms/scan";

const worker = () => new Worker(new URL("./scan.worker.js", import.meta.url), { type: "module" });

export const openScan = (source, options) => open(source, { worker, ...options });
