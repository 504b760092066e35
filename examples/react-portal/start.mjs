// Serves the page with Vite, together with the sandbox and the edge function. PORT sets the page's port.
import { createClient } from "itero-dpms";
import { createServer } from "vite";
import { onEnter, startPractice } from "../practice.mjs";
import { portalServer } from "./server.mjs";

const { PORT = "5173" } = process.env;
const page = `http://127.0.0.1:${PORT}`;

const practice = await startPractice(createClient, page);
const vite = await createServer({
  plugins: [
    { name: "portal-server", configureServer: ({ middlewares }) => void middlewares.use(portalServer(practice)) },
  ],
  server: { host: "127.0.0.1", port: Number(PORT), strictPort: true, cors: false },
});
await vite.listen();
console.log(`The portal: ${page}\nPress Enter to have the scanner complete a scan, Ctrl-C to stop.`);
onEnter(practice.scan);
