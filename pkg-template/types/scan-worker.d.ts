/**
 * What a worker of your own imports so that `openScan` and `readMesh` can read in it. It exports nothing.
 *
 * @module itero-dpms/scan/worker
 */

export {};
