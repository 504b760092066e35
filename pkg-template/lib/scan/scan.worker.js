// The module worker that reads one archive. The page sends the WebAssembly module and terminates the worker.

import { Engine } from "./engine.js";

const engine = new Engine((report, transfer) => postMessage(report, { transfer }));

addEventListener("message", ({ data }) => engine.handle(data));
addEventListener("messageerror", () => postMessage({ type: "unready", message: "a message could not be read" }));
