// When the viewer draws: with a clock and frames of the test's own.
import assert from "node:assert/strict";
import { mock } from "node:test";
import { Quaternion, Vector3 } from "three";
import { importPortal } from "../support/typescript.mjs";
import { test } from "../support/test.mjs";

const { Motion } = await importPortal("viewer/motion");
const { rotationOf } = await importPortal("viewer/orientation");

const cameraOf = (view, mmPerPixel) => ({ rotation: rotationOf(view), target: new Vector3(), mmPerPixel });

/** A motion whose frames come every `frameMs`, and what it drew. */
function start(t, { frameMs = 16, reduces = false } = {}) {
  const clock = { now: 0, due: null, drawn: [] };
  globalThis.requestAnimationFrame = (callback) => ((clock.due = callback), 1);
  globalThis.cancelAnimationFrame = () => (clock.due = null);
  globalThis.matchMedia = () => ({ matches: reduces });
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const motion = new Motion(cameraOf("front", 1), (isCoarse) => clock.drawn.push(isCoarse ? "coarse" : "full"));
  /** Returns how many frames were wanted. */
  const frames = (most = 100, step = () => {}) => {
    let count = 0;
    while (clock.due !== null && count < most) {
      const due = clock.due;
      clock.due = null;
      due((clock.now += frameMs));
      step();
      count += 1;
    }
    return count;
  };
  return { motion, frames, drawn: clock.drawn };
}

test("a change is drawn once, however often it is told in between", async (t) => {
  const { motion, frames } = start(t);
  for (let times = 0; times < 5; times += 1) motion.invalidate();
  assert.equal(frames(), 1);
  assert.equal(frames(), 0);
});

test("the camera travels and arrives, at once for those who want less motion", async (t) => {
  for (const reduces of [false, true]) {
    const { motion, frames } = start(t, { reduces });
    const to = cameraOf("left", 0.2);
    motion.travel(to);
    assert.equal(motion.aim, to);
    const count = frames();
    assert.ok(reduces ? count === 1 : count > 5, `${count} frames`);
    assert.ok(motion.camera.rotation.angleTo(to.rotation) < 1e-6);
    assert.ok(Math.abs(motion.camera.mmPerPixel - 0.2) < 1e-9);
    mock.timers.reset();
  }
});

test("a user's hand ends the way", async (t) => {
  const { motion, frames } = start(t);
  motion.travel(cameraOf("left", 0.2));
  frames(3);
  const held = { ...motion.camera, rotation: new Quaternion() };
  motion.follow(held);
  frames();
  assert.equal(motion.camera, held);
});

test("what is too slow is drawn simpler while it moves or is held, and whole when it rests", async (t) => {
  const { motion, frames, drawn } = start(t, { frameMs: 50 });
  motion.hold(true);
  const turn = () => motion.follow(cameraOf("front", 1));
  turn();
  frames(8, turn);
  frames();
  assert.equal(drawn.at(-1), "coarse");
  assert.equal(drawn[0], "full");
  mock.timers.tick(10_000);
  assert.equal(frames(), 0, "still held");
  motion.hold(false);
  mock.timers.tick(149);
  assert.equal(frames(), 0);
  mock.timers.tick(1);
  assert.equal(frames(), 1);
  assert.equal(drawn.at(-1), "full");
});

test("nothing is drawn after the end", async (t) => {
  const { motion, frames } = start(t);
  motion.travel(cameraOf("left", 1));
  motion.dispose();
  assert.equal(frames(), 0);
});
