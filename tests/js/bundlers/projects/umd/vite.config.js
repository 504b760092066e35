import { defineConfig } from "vite";

export default defineConfig({
  build: { lib: { entry: "main.js", name: "portal", formats: ["umd"], fileName: () => "main.js" } },
});
