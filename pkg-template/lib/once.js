/** Runs `load` once for all callers; a load that fails is forgotten, so that the next caller can try again. */
export function once(load) {
  let loading;
  return () =>
    (loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    }));
}
