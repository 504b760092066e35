import { defineConfig } from "vite";

export default defineConfig({
  build: {
    rolldownOptions: {
      input: ["index.html", "sandbox-worker.js"],
      // A worker is registered by its name, and handles the requests of pages in its folder and below.
      output: { entryFileNames: "[name].js" },
    },
  },
});
