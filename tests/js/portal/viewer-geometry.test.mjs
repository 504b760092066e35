// Geometry and decisions of the 3D viewer, without a page.
import assert from "node:assert/strict";
import { Box3, Matrix4, Quaternion, Vector3 } from "three";
import { importPortal } from "../support/typescript.mjs";
import { test } from "../support/test.mjs";

const { VIEWS, rotationOf, viewOf, marksOf } = await importPortal("viewer/orientation");
const { fitted, moved, projected, turned, zoomed, between } = await importPortal("viewer/camera");
const { scaleBar, millimetres } = await importPortal("viewer/scale-bar");
const { frontOf } = await importPortal("viewer/front");
const { place, boxOf } = await importPortal("viewer/parts");
const { coarseIndex } = await importPortal("viewer/coarse");
const { contour } = await importPortal("viewer/section");
const { Pace } = await importPortal("viewer/pace");
const { commandOf } = await importPortal("viewer/commands");
const { Settings } = await importPortal("viewer/settings");

const size = { width: 400, height: 200 };
const box = new Box3(new Vector3(-30, -40, -10), new Vector3(30, 10, 20));
const at = (camera, ...point) => {
  const { x, y } = projected(camera, new Vector3(...point), size);
  return { x: Math.round(x * 1e6) / 1e6, y: Math.round(y * 1e6) / 1e6 };
};

test("in every view but those from a side, the patient's right is on the picture's left", () => {
  for (const view of ["front", "upper", "lower"]) {
    const camera = fitted(rotationOf(view), box, size);
    assert.ok(at(camera, 10, 0, 0).x < at(camera, -10, 0, 0).x, view);
    assert.deepEqual(
      marksOf(camera.rotation).map(({ text, x }) => [text, Math.sign(x)]),
      [
        ["R", -1],
        ["L", 1],
      ],
    );
  }
  for (const [view, text] of [
    ["right", "R"],
    ["left", "L"],
  ])
    assert.deepEqual(marksOf(rotationOf(view)), [{ text, x: 0, y: 1 }]);
});

test("the front teeth are at the top from below, at the bottom from above, and ahead from the sides", () => {
  const y = (view, ...point) => at(fitted(rotationOf(view), box, size), ...point).y;
  assert.ok(y("upper", 0, 10, 0) < y("upper", 0, -10, 0));
  assert.ok(y("lower", 0, 10, 0) > y("lower", 0, -10, 0));
  for (const view of ["front", "right", "left"])
    assert.ok(y(view, 0, 0, 10) < y(view, 0, 0, -10), `${view} is upright`);
  const x = (view, ...point) => at(fitted(rotationOf(view), box, size), ...point).x;
  assert.ok(x("right", 0, 10, 0) > x("right", 0, -10, 0), "from the right, the front is on the right");
  assert.ok(x("left", 0, 10, 0) < x("left", 0, -10, 0));
});

test("a rotation is told as its standard view until it is turned away", () => {
  for (const view of VIEWS) {
    const camera = fitted(rotationOf(view), box, size);
    assert.equal(viewOf(camera.rotation), view);
    assert.equal(viewOf(turned(camera, 0.2, 0).rotation), null);
    assert.equal(viewOf(turned(turned(camera, 0.2, 0.1), 0, 0).rotation), null);
  }
});

test("what is dragged follows: turned, moved, and zoomed around the pointer", () => {
  const camera = fitted(rotationOf("front"), box, size);
  const nearest = [0, 10, 5];
  const before = at(camera, ...nearest);
  const right = at(turned({ ...camera, target: new Vector3(0, 0, 5) }, 0.1, 0), ...nearest);
  assert.ok(right.x > size.width / 2, "the near side goes to the right");
  const down = at(turned({ ...camera, target: new Vector3(0, 0, 5) }, 0, 0.1), ...nearest);
  assert.ok(down.y > size.height / 2, "the near side goes down");
  assert.deepEqual(at(moved(camera, 30, -20), ...nearest), { x: before.x + 30, y: before.y - 20 });
  const place = at(camera, 7, 0, 3);
  const near = zoomed(camera, 2, place.x - size.width / 2, place.y - size.height / 2);
  assert.deepEqual(at(near, 7, 0, 3), place);
  assert.equal(near.mmPerPixel, camera.mmPerPixel / 2);
});

test("zooming ends before anything overflows", () => {
  let camera = fitted(rotationOf("front"), box, size);
  for (let times = 0; times < 500; times += 1) camera = zoomed(camera, 3, 50, 50);
  assert.equal(camera.mmPerPixel, 0.002);
  assert.ok(camera.target.toArray().every(Number.isFinite));
  for (let times = 0; times < 500; times += 1) camera = zoomed(camera, 1 / 3, -9, 9);
  assert.equal(camera.mmPerPixel, 2);
});

test("all of a box is in the picture, whatever the view and the picture's shape", () => {
  for (const view of VIEWS)
    for (const shape of [size, { width: 100, height: 700 }]) {
      const camera = fitted(rotationOf(view), box, shape);
      for (const x of [box.min.x, box.max.x])
        for (const y of [box.min.y, box.max.y])
          for (const z of [box.min.z, box.max.z]) {
            const place = projected(camera, new Vector3(x, y, z), shape);
            assert.ok(place.x > 0 && place.x < shape.width && place.y > 0 && place.y < shape.height, view);
          }
    }
  assert.ok(Number.isFinite(fitted(rotationOf("front"), new Box3(), size).mmPerPixel), "of nothing too");
});

test("the way between two views begins at one and ends at the other", () => {
  const [from, to] = [
    fitted(rotationOf("front"), box, size),
    fitted(rotationOf("left"), box, { width: 90, height: 90 }),
  ];
  for (const [share, end] of [
    [0, from],
    [1, to],
  ]) {
    const camera = between(from, to, share);
    assert.ok(camera.rotation.angleTo(end.rotation) < 1e-6);
    assert.ok(Math.abs(camera.mmPerPixel - end.mmPerPixel) < 1e-9);
  }
});

test("the scale bar is 1, 2 or 5 millimetres or ten times as many, and has room", () => {
  for (let mmPerPixel = 0.002; mmPerPixel < 2; mmPerPixel *= 1.07) {
    const { mm, pixels } = scaleBar(mmPerPixel, 120);
    assert.ok(pixels <= 120.000_001 && pixels > 47, `${pixels}`);
    assert.match(mm.toExponential(0), /^[125]e/);
    assert.ok(Math.abs(mm - pixels * mmPerPixel) < 1e-9);
  }
  assert.deepEqual([0.05, 0.2, 1, 12.34, 10].map(millimetres), ["0.05 mm", "0.2 mm", "1 mm", "12.3 mm", "10 mm"]);
});

/** Points along a horseshoe with its front at y, turned by quarters as `front` counts them. */
function arch(front, { role = "lower", arrangement = "occlusion", complete = true, height = 0 } = {}) {
  const points = [];
  for (let angle = 0; angle <= Math.PI + 1e-9; angle += Math.PI / 40)
    for (const z of [0, 8])
      points.push(
        new Vector3(30 * Math.cos(angle), 45 * Math.sin(angle), z + height).applyAxisAngle(
          new Vector3(0, 0, 1),
          (front * Math.PI) / 2,
        ),
      );
  const around = new Box3().setFromPoints(points);
  return {
    role,
    arrangement,
    complete,
    position: Float32Array.from(points.flatMap((point) => point.toArray())),
    index: new Uint32Array(),
    bounds: { min: around.min.toArray(), max: around.max.toArray() },
  };
}
const placeAll = (meshes) => place(new Map(meshes.map((mesh, nth) => [`${nth}`, mesh])));

test("an arch's front is where it is narrow; of what is no arch it is unknown", () => {
  for (const front of [0, 1, 2, 3]) assert.equal(frontOf(arch(front)), front);
  const cube = [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [-1, 1].flatMap((z) => [x, y, z])));
  assert.equal(frontOf({ position: Float32Array.from(cube), bounds: { min: [-1, -1, -1], max: [1, 1, 1] } }), null);
  assert.equal(frontOf({ position: new Float32Array(), bounds: { min: [0, 0, 0], max: [0, 0, 0] } }), null);
});

test("whatever direction the front has in a file, it is the patient's front, and right and left are known", () => {
  for (const front of [0, 1, 2, 3]) {
    const { placed, knowsSides, isApart } = placeAll([arch(front, { role: "upper", height: 9 }), arch(front)]);
    assert.deepEqual([knowsSides, isApart], [true, false]);
    for (const { matrix } of placed) {
      const tip = new Vector3(0, 45, 0).applyAxisAngle(new Vector3(0, 0, 1), (front * Math.PI) / 2);
      assert.ok(tip.applyMatrix4(matrix).distanceTo(new Vector3(0, 45, 0)) < 1e-4);
    }
  }
});

test("right and left are not claimed of what is growing, contradicts itself, or has no role", () => {
  for (const meshes of [
    [arch(0, { complete: false })],
    [arch(0, { role: "upper", height: 9 }), arch(2)],
    [arch(0, { role: "upper" }), arch(0, { height: 9 })],
    [arch(0, { role: null })],
    [],
  ])
    assert.equal(placeAll(meshes).knowsSides, false);
});

test("arches in occlusion keep their places to each other", () => {
  const { placed } = placeAll([arch(0, { role: "upper", height: 6 }), arch(0)]);
  for (const { matrix } of placed) assert.ok(matrix.equals(new Matrix4()));
});

test("without a bite in the files upper and lower are shown apart, teeth towards each other", () => {
  for (const arrangement of ["teeth-up", null]) {
    const upper = arch(0, { role: "upper", arrangement });
    const { placed, isApart } = placeAll([upper, arch(0, { arrangement })]);
    assert.equal(isApart, true);
    const [above, below] = placed.map((each) => boxOf([each]));
    assert.ok(above.min.z - below.max.z >= 30 - 1e-6, "further than any bite is open");
    // Only what says "teeth up" is turned over.
    const top = new Vector3(0, 0, 1).transformDirection(placed[0].matrix);
    assert.equal(Math.round(top.z), arrangement === "teeth-up" ? -1 : 1);
    assert.equal(
      Math.round(new Vector3(0, 1, 0).transformDirection(placed[0].matrix).y),
      1,
      "the front stays in front",
    );
    assert.ok(placed[0].matrix.determinant() > 0, "no mirror image");
  }
  assert.equal(placeAll([arch(0, { arrangement: "teeth-up" })]).isApart, false, "one arch is not apart");
});

/** A grid of `side` by `side` squares, one millimetre each. */
function sheet(side) {
  const position = [];
  const index = [];
  for (let y = 0; y <= side; y += 1) for (let x = 0; x <= side; x += 1) position.push(x, y, (x + y) % 2);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) {
      const corner = y * (side + 1) + x;
      index.push(corner, corner + 1, corner + side + 1, corner + 1, corner + side + 2, corner + side + 1);
    }
  return {
    position: Float32Array.from(position),
    index: Uint32Array.from(index),
    bounds: { min: [0, 0, 0], max: [side, side, 1] },
  };
}

test("a coarse mesh has far fewer triangles, on the same vertices, and as much extent", () => {
  const { position, index, bounds } = sheet(600);
  const coarse = coarseIndex(position, index, bounds);
  assert.ok(coarse.length > 0 && coarse.length < index.length / 8, `${coarse.length} of ${index.length}`);
  const used = new Box3();
  for (const vertex of coarse) {
    assert.ok(vertex < position.length / 3);
    used.expandByPoint(new Vector3().fromArray(position, 3 * vertex));
  }
  assert.ok(used.max.x >= 594 && used.max.y >= 594);
  assert.deepEqual(
    [...coarseIndex(new Float32Array(9), Uint32Array.of(0, 1, 2), { min: [0, 0, 0], max: [0, 0, 0] })],
    [],
  );
});

test("a section's contour lies in its plane, closed where the mesh is", () => {
  // A tetrahedron, turned and moved.
  const position = Float32Array.of(0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4);
  const index = Uint32Array.of(0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3);
  const matrix = new Matrix4()
    .makeRotationFromQuaternion(new Quaternion(0.1, 0.5, 0.2, 0.8).normalize())
    .setPosition(1, 2, 3);
  const around = new Box3().setFromPoints(
    [0, 3, 6, 9].map((k) => new Vector3().fromArray(position, k).applyMatrix4(matrix)),
  );
  for (const [row, axis] of ["x", "y", "z"].entries()) {
    const middle = (around.min[axis] + around.max[axis]) / 2;
    const points = contour({ position, index }, matrix, { axis, at: middle });
    assert.ok(points.length >= 3 * 6);
    const ends = new Map();
    for (let k = 0; k < points.length; k += 3) {
      assert.ok(Math.abs(points[k + row] - middle) < 1e-5);
      const key = points.slice(k, k + 3).join();
      ends.set(key, (ends.get(key) ?? 0) + 1);
    }
    assert.ok(
      [...ends.values()].every((times) => times % 2 === 0),
      "every end is the beginning of the next",
    );
    assert.equal(contour({ position, index }, matrix, { axis, at: around.max[axis] + 1 }).length, 0);
  }
});

test("a plane through corners cuts every triangle at two edges or none", () => {
  const { position, index } = sheet(20);
  for (const [axis, at] of [
    ["x", 10],
    ["y", 3],
    ["z", 0],
    ["z", 1],
  ])
    // prettier-ignore
    assert.equal(contour({ position, index }, new Matrix4(), { axis, at }).length % 6, 0);
});

test("a machine is slow after several late frames in a row, and a rest is no late frame", () => {
  const run = (...times) => {
    const pace = new Pace();
    for (const time of times) {
      if (time === null) pace.rest();
      else pace.frame(time);
    }
    return pace.isSlow;
  };
  assert.equal(run(0, 16, 32, 48, 64, 80), false);
  assert.equal(run(0, 50, 100, 116, 132), false, "two are the browser's");
  assert.equal(run(0, 50, 100, 150), true);
  assert.equal(run(0, 50, 100, null, 9_000, 9_016), false);
});

test("keys are commands, but not with the browser's own modifiers", () => {
  const key = (name, modifiers = {}) => commandOf({ key: name, ...modifiers });
  assert.equal(key("ArrowLeft").do, "turn");
  assert.ok(key("ArrowLeft").right < 0 && key("ArrowDown").down > 0);
  assert.equal(key("ArrowUp", { shiftKey: true }).do, "move");
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((digit) => key(`${digit}`).view),
    VIEWS,
  );
  assert.ok(key("+").factor > 1 && key("=").factor > 1 && key("-").factor < 1);
  assert.deepEqual(
    ["u", "L"].map((name) => key(name).part),
    ["upper", "lower"],
  );
  for (const name of ["Tab", "Escape", "6", "x", " "]) assert.equal(key(name), null, name);
  for (const modifier of ["ctrlKey", "altKey", "metaKey"]) assert.equal(key("1", { [modifier]: true }), null);
});

test("an occlusal view hides the other arch, and shows it again afterwards, unless the user hid it", () => {
  const settings = new Settings();
  settings.offer(["upper", "lower", "pretreatment-upper"]);
  const shown = () => [...settings.parts].filter(([, { isVisible }]) => isVisible).map(([part]) => part);
  assert.deepEqual(shown(), ["upper", "lower"], "what was before the treatment is not shown at first");
  settings.lookAt("upper");
  assert.deepEqual(shown(), ["upper"]);
  settings.lookAt("lower");
  assert.deepEqual(shown(), ["lower"]);
  settings.lookAt("front");
  assert.deepEqual(shown(), ["upper", "lower"]);
  settings.change("lower", { isVisible: false });
  settings.lookAt("upper");
  settings.lookAt("front");
  assert.deepEqual(shown(), ["upper"]);
  settings.reset();
  assert.deepEqual(shown(), ["upper", "lower"]);
  settings.offer(["both"]);
  settings.lookAt("upper");
  assert.deepEqual(shown(), ["both"], "one file of both arches stays");
});
