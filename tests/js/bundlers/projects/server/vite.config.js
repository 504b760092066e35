import { defineConfig } from "vite";

// Without this, Vite keeps packages external by itself.
export default defineConfig({ ssr: { noExternal: true } });
