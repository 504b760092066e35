/**
 * Import this in a worker of your own, so that `openScan` and `readMesh` can read scans in it. It exports nothing.
 *
 * @module itero-dpms/scan/worker
 */

export {};
