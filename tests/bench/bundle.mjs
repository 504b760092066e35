// Bundles and minifies an entry with Vite, as a project that uses the package does.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "vite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Writes `target/bench/{name}/{name}.js` and what it loads. @returns {Promise<{ file: string, gzipped: number }[]>} */
export async function bundle(name, entry) {
  const outDir = join(ROOT, "target/bench", name);
  await build({
    root: ROOT,
    configFile: false,
    base: "./",
    publicDir: false,
    logLevel: "error",
    build: {
      outDir,
      emptyOutDir: true,
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: { [name]: fileURLToPath(entry) },
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "[name].js" },
      },
    },
  });
  return readdirSync(outDir, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => ({
      file: file.name,
      gzipped: gzipSync(readFileSync(join(file.parentPath, file.name)), { level: 9 }).length,
    }));
}
