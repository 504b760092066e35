export default { serverExternalPackages: ["itero-dpms"], turbopack: { root: "/" } };
