export default {
  serverExternalPackages: ["itero-dpms"],
  // Not the repository's folder, which also has a lock file.
  turbopack: { root: import.meta.dirname },
};
