/**
 * A fictitious practice that answers every call of the iTero DPMS API, for development and tests.
 *
 * @module itero-dpms/sandbox
 */

export { createSandbox } from "../wasm/sandbox/itero_dpms.js";
export type {
  AddedScreenCapture,
  CompletedScan,
  Sandbox,
  SandboxControl,
  SandboxEndpoints,
  SandboxExportSettings,
  SandboxFault,
  SandboxLocation,
  SandboxOptions,
} from "../wasm/sandbox/itero_dpms.js";
