// oxlint-disable-next-line no-unassigned-import -- it runs by being imported
import "itero-dpms/scan/worker";
