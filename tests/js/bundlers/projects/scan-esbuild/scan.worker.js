import "itero-dpms/scan/worker";
