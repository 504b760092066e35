// Imports TypeScript of the portal that needs no page, so that it can be tested without one.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "rolldown";
import { ROOT } from "./test.mjs";

/** Returns the exports of a module of www/src: `viewer/camera`. */
export async function importPortal(name) {
  const file = join(ROOT, "target/portal", `${name.replaceAll("/", "-")}.mjs`);
  // three.js stays outside: its classes are to be the test's.
  await build({
    input: join(ROOT, "www/src", `${name}.ts`),
    external: ["three"],
    output: { file, format: "esm" },
    logLevel: "silent",
  });
  return import(pathToFileURL(file).href);
}
