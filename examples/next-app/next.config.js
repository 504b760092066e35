export default {
  serverExternalPackages: ["itero-dpms"],
  // Not the repository's folder, which has a lock file too.
  turbopack: { root: import.meta.dirname },
};
