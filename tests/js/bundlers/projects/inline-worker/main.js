// oxlint-disable-next-line import/default -- Vite makes it
import InlineWorker from "./worker.js?worker&inline";

const worker = new InlineWorker();
worker.onmessage = ({ data }) => (globalThis.report = data);
worker.postMessage(JSON.parse(decodeURIComponent(location.hash.slice(1))));
