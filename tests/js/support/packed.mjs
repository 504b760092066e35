// Installs the package as npm users do: packed as a tarball, into an empty project outside the repository.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./test.mjs";

const npm = (args, cwd) =>
  execFileSync("npm", args, {
    cwd,
    encoding: "utf8",
    timeout: 60_000,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, npm_config_update_notifier: "false", npm_config_loglevel: "error" },
  });

/**
 * Packs `pkg/` and installs the tarball without a network.
 * @returns {{ project: string, files: { path: string, size: number }[], remove: () => void }}
 */
export function installPacked() {
  const project = mkdtempSync(join(tmpdir(), "itero-dpms-consumer-"));
  const remove = () => rmSync(project, { recursive: true, force: true });
  try {
    const [packed] = JSON.parse(
      npm(["pack", "--json", "--ignore-scripts", "--pack-destination", project], join(ROOT, "pkg")),
    );
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
    npm(
      ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", join(project, packed.filename)],
      project,
    );
    return { project, files: packed.files, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
