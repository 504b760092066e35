// The sandbox's own archives, as `downloadScan` gives them: each arrangement in each flavour.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { createSandbox } from "itero-dpms/sandbox";
import { openScan } from "itero-dpms/scan";
import { collect, test } from "../support/test.mjs";

const { fetch, endpoints, accessToken, control } = await createSandbox();
const client = await createClient({ fetch, endpoints, accessToken });
const { orderId } = (await collect(client.orders()))[0];

for (const arrangement of ["teeth-up", "occlusion", "locked-occlusion"]) {
  for (const fileType of ["stl", "ply", "both"]) {
    test(`an archive of ${fileType}, ${arrangement}, is opened as it is downloaded`, async () => {
      await control.setExportSettings({ arrangement, fileType, triangles: 20_000 });
      const scan = openScan(await client.downloadScan(orderId, "IDE"));
      const meshes = await collect(scan);
      const isLocked = arrangement === "locked-occlusion";
      const expected = { arrangement: arrangement === "teeth-up" ? "teeth-up" : "occlusion" };
      assert.deepEqual(
        meshes.map(({ role, arrangement, format, complete }) => ({ role, arrangement, format, complete })),
        (isLocked ? ["both"] : ["upper", "lower"]).map((role) => ({
          role,
          ...expected,
          format: fileType === "stl" ? "stl" : "ply",
          complete: true,
        })),
      );
      for (const mesh of meshes) {
        assert.ok(mesh.index.length > 3_000 && mesh.position.length < mesh.index.length, "welded");
        assert.ok(mesh.index.every((number) => number < mesh.position.length / 3));
        assert.equal(mesh.normal.length / 4, mesh.position.length / 3);
        assert.equal(mesh.color === null, fileType === "stl");
        assert.deepEqual(mesh.warnings, []);
        const width = mesh.bounds.max[0] - mesh.bounds.min[0];
        assert.ok(width > 40 && width < 100, `an arch is ${width} mm wide`);
      }
      const manifest = await scan.manifest();
      assert.equal(manifest.version, 1);
      assert.equal(manifest.arrangement, expected.arrangement);
      assert.equal(manifest.transforms.length, 2);
      const pictures = (await scan.files()).filter(({ kind }) => kind === "picture");
      assert.equal(pictures.length, 6);
      for (const picture of pictures) assert.equal((await scan.read(picture)).type, "image/jpeg");
      scan.close();
    });
  }
}
