import react from "@vitejs/plugin-react";

// The package is a link to a folder outside of this one, from which Vite's development server may read. Yours needs no `server`.
export default { plugins: [react()], server: { fs: { allow: [".", "../../pkg"] } } };
