// The 3D viewer on an order's page. States are told by attributes and test ids; nothing depends on how quick the machine is. Most tests
// share one page, which each begins by resetting: connecting and drawing a scan takes longer than they do.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { portalForThisFile } from "../support/portal.mjs";
import { openScriptedOrder } from "../support/scripted-practice.mjs";
import { test } from "../support/test.mjs";
import { DAMAGED, HALTING, drawn, exported, openViewer } from "../support/viewer.mjs";

const portals = portalForThisFile();
const LIMIT = { timeout: 60_000 };

/** The shared page, which the first test opens. @type {import("../support/portal.mjs").Portal} */
let portal;
async function downloadAgain(settings) {
  await exported(portal, settings);
  await portal.$("download-scan").click();
  await portal.page.locator('.scan-viewer[data-state="running"]').waitFor();
  await portal.page.locator('.scan-viewer[data-state="done"]').waitFor();
  await reset();
}

async function reset() {
  await portal.$("viewer-mode-turn").click();
  await portal.$("viewer-reset").click();
  await drawn(portal);
}

const data = (portal) => portal.$("viewer").evaluate(({ dataset }) => ({ ...dataset }));
const status = () => portal.$("viewer-status").innerText();
const shows = (view) => portal.page.locator(`.viewer[data-view="${view}"]`).waitFor();
const checked = () => Promise.all(["upper", "lower"].map((part) => portal.$(`viewer-part-${part}`).isChecked()));

async function press(...keys) {
  for (const key of keys) await portal.$("viewer-stage").press(key);
}

/** What is drawn over the picture: its scale, above all. */
const scaleOf = (portal) => portal.page.locator(".viewer-overlay").innerHTML();

/** The picture that "Save picture" gives: its name, and how many of its pixels are of which kind. */
async function picture(portal) {
  await drawn(portal);
  const saving = portal.page.waitForEvent("download");
  await portal.$("viewer-screenshot").click();
  const download = await saving;
  const png = await readFile(await download.path(), "base64");
  const counts = await portal.page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const counts = { scan: 0, red: 0, above: 0, contour: 0 };
    for (let at = 0; at < data.length; at += 4) {
      const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
      // Gum and teeth are warm; the page and its letters are not.
      if (r - b > 12) counts.scan += 1;
      if (r - b > 12 && at < data.length / 2) counts.above += 1;
      if (r - g > 45) counts.red += 1;
      if (r > 180 && g < 80 && b > 60 && b < 140) counts.contour += 1;
    }
    return counts;
  }, png);
  return { name: download.suggestedFilename(), ...counts };
}

test("both arches are shown, in five views, by keys and by buttons, and the view is told", LIMIT, async () => {
  portal = await portals.open({ after() {} }, { viewport: { width: 560, height: 480 } });
  await openViewer(portal);
  assert.match(await portal.$("viewer-state").innerText(), /^Complete: [\d,.]+ triangles$/);
  assert.equal(await portal.$("viewer-apart").isVisible(), false);
  await shows("front");
  const { scan, red } = await picture(portal);
  assert.ok(scan > 9_000 && red > 2_000, `${scan}, ${red}`);
  for (const [key, view, marks] of [
    ["2", "right", "R"],
    ["3", "left", "L"],
    ["4", "upper", "RL"],
    ["5", "lower", "RL"],
    ["1", "front", "RL"],
  ]) {
    await press(key);
    await shows(view);
    assert.match(await status(), new RegExp(view, "i"));
    assert.equal(await portal.$(`viewer-view-${view}`).getAttribute("aria-pressed"), "true");
    for (const mark of "RL") assert.equal(await portal.$(`viewer-mark-${mark}`).count(), marks.includes(mark) ? 1 : 0);
    await portal.$("viewer-step-left").click();
    await shows("");
    await portal.$(`viewer-view-${view}`).click();
    await shows(view);
  }
  const x = (mark) => portal.$(`viewer-mark-${mark}`).evaluate((text) => Number(text.getAttribute("x")));
  assert.ok((await x("R")) < (await x("L")), "the patient's right is on the left");
  assert.match(await portal.$("viewer-scale").innerHTML(), /^\d+ mm$/);
});

test("arches are hidden and made transparent, one by one; an occlusal view hides the other", LIMIT, async () => {
  await reset();
  const both = await picture(portal);
  await portal.$("viewer-part-upper").uncheck();
  const lower = await picture(portal);
  assert.ok(lower.scan < 0.7 * both.scan && lower.scan > 0, JSON.stringify([both, lower]));
  await press("u", "l");
  assert.deepEqual(await checked(), [true, false]);
  assert.match(await status(), /lower hidden/i);
  await press("l");
  await portal.$("viewer-opacity-upper").fill("20");
  const pale = await picture(portal);
  assert.ok(pale.red < both.red, JSON.stringify([both, pale]));
  await press("4");
  assert.deepEqual(await checked(), [true, false]);
  await press("5");
  assert.deepEqual(await checked(), [false, true]);
  await reset();
  await shows("front");
  assert.deepEqual(await checked(), [true, true]);
  assert.equal(await portal.$("viewer-opacity-upper").inputValue(), "100");
});

test("surfaces have the file's colours, or are of stone", LIMIT, async () => {
  await reset();
  const color = await picture(portal);
  await portal.$("viewer-stone").click();
  const stone = await picture(portal);
  await portal.$("viewer-color").click();
  assert.ok(stone.red < color.red / 4 && stone.scan > color.scan / 2, JSON.stringify([color, stone]));
  assert.equal(await portal.$("viewer-no-color").isVisible(), false);
});

test("the wheel scrolls the page until the picture is in use, and again after Escape", LIMIT, async () => {
  await reset();
  const { mouse } = portal.page;
  const stage = portal.$("viewer-stage");
  const scrolled = () => portal.page.evaluate(() => document.getElementById("page").scrollTop);
  await stage.evaluate((element) => element.scrollIntoView({ block: "center" }));
  const { x, y } = await stage.boundingBox();
  await mouse.move(x + 50, y + 150);
  for (const isActive of [false, true, false]) {
    if (isActive) {
      await mouse.down();
      await mouse.up();
    } else await press("Escape");
    await drawn(portal);
    const [scroll, scale] = [await scrolled(), await scaleOf(portal)];
    await mouse.wheel(0, 20);
    await portal.page.waitForFunction(
      ([isActive, scroll, scale]) =>
        isActive
          ? document.querySelector(".viewer-overlay").innerHTML !== scale
          : document.getElementById("page").scrollTop !== scroll,
      [isActive, scroll, scale],
    );
    if (isActive) assert.equal(await scrolled(), scroll, "the picture has the wheel");
    else assert.equal(await scaleOf(portal), scale, "the page has the wheel");
  }
});

test("mouse, keys and buttons turn and move", LIMIT, async () => {
  await reset();
  const { mouse } = portal.page;
  const stage = portal.$("viewer-stage");
  const drag = async (right) => {
    await stage.evaluate((element) => element.scrollIntoView({ block: "center" }));
    const { x, y } = await stage.boundingBox();
    await mouse.move(x + 100, y + 100);
    await mouse.down();
    await mouse.move(x + 100 + right, y + 100, { steps: 3 });
    await mouse.up();
  };
  await drag(180);
  await shows("right");
  await press(...Array(6).fill("ArrowLeft"));
  await shows("front");
  await portal.$("viewer-step-up").click();
  await shows("");
  await portal.$("viewer-step-down").click();
  await shows("front");
  // What is moved is still seen from the front, but elsewhere: far enough, nothing of it is seen.
  await portal.$("viewer-mode-move").click();
  await drag(300);
  await press("ArrowRight", "Shift+ArrowRight");
  for (let times = 0; times < 10; times += 1) await portal.$("viewer-step-right").click();
  await shows("front");
  assert.equal((await picture(portal)).scan, 0);
});

test("nothing is drawn while nothing changes", LIMIT, async () => {
  await reset();
  const before = await drawn(portal);
  await portal.page.evaluate(async () => {
    for (let times = 0; times < 20; times += 1) await new Promise(requestAnimationFrame);
  });
  assert.equal(Number((await data(portal)).frames), before);
  await press("ArrowLeft");
  assert.ok((await drawn(portal)) > before);
});

test("a distance is measured between two points, by mouse or keys, and is approximate", LIMIT, async () => {
  await reset();
  const stage = portal.$("viewer-stage");
  await portal.$("viewer-mode-measure").click();
  const { width, height } = await stage.boundingBox();
  await stage.click({ position: { x: 0.35 * width, y: 0.35 * height } });
  await stage.click({ position: { x: 0.65 * width, y: 0.35 * height } });
  const measured = async () => Number(/≈ ([\d.]+) mm/.exec(await portal.$("viewer-distance").innerText())?.[1]);
  const mm = await measured();
  assert.ok(mm > 5 && mm < 60, `${mm} mm`);
  assert.match(await status(), /approximate: not for diagnosis/);
  assert.match(await portal.$("viewer").innerText(), /approximate, not for diagnosis/i);
  // By keys, the point is in the middle.
  await press("Shift+ArrowDown", "Enter");
  assert.match(await status(), /first point/i);
  await press("Shift+ArrowLeft");
  await portal.$("viewer-point").click();
  assert.ok((await measured()) < mm);
  await portal.$("viewer-mode-turn").click();
  assert.equal(await portal.$("viewer-distance").textContent(), "");
});

test("a section cuts one half away and draws its contour", LIMIT, async () => {
  await reset();
  const whole = await picture(portal);
  assert.equal(whole.contour, 0);
  await portal.$("viewer-section").selectOption("y");
  assert.ok((await picture(portal)).contour > 50);
  await portal.$("viewer-section").selectOption("z");
  const below = await picture(portal);
  await portal.$("viewer-section-flip").click();
  const above = await picture(portal);
  assert.ok(below.above < 0.3 * below.scan && above.above > 0.7 * above.scan, JSON.stringify([below, above]));
  const place = await portal.$("viewer-section-place").innerText();
  await portal.$("viewer-section-at").press("ArrowRight");
  assert.notEqual(await portal.$("viewer-section-place").innerText(), place);
  await portal.$("viewer-section").selectOption("");
  assert.equal((await picture(portal)).contour, 0);
});

test("the picture's file is named by the order, never by the patient", LIMIT, async () => {
  const number = /order number\s*(\d+)/i.exec(await portal.$("order-detail").innerText())[1];
  assert.equal((await picture(portal)).name, `order-${number}-3d.png`);
});

test("full screen begins and ends", LIMIT, async () => {
  for (const isFull of [true, false]) {
    await portal.$("viewer-fullscreen").click();
    await portal.page.waitForFunction((isFull) => (document.fullscreenElement !== null) === isFull, isFull);
  }
});

test("the viewer is reached and left by Tab, and names itself, its keys and its controls", LIMIT, async () => {
  const stage = portal.$("viewer-stage");
  await portal.$("view-3d").focus();
  await portal.page.keyboard.press("Tab");
  assert.equal(await portal.hasFocus(stage), true);
  assert.equal(await stage.getAttribute("role"), "application");
  assert.match(
    await stage.evaluate((element) => document.getElementById(element.getAttribute("aria-describedby"))?.textContent),
    /Arrow keys turn/,
  );
  await portal.page.keyboard.press("ArrowLeft");
  await portal.page.keyboard.press("Tab");
  assert.equal(await portal.hasFocus(portal.$("viewer-view-front")), true);
  for (let times = 0; times < 2; times += 1) await portal.page.keyboard.press("Shift+Tab");
  assert.equal(await portal.hasFocus(portal.$("view-3d")), true);
  const nameless = await portal.page
    .locator(".viewer :is(button, input, select):not([aria-label])")
    .evaluateAll((all) => all.filter((each) => !each.textContent.trim() && !each.labels?.length).length);
  assert.equal(nameless, 0);
});

test("graphics that are lost are reported, come back, or are started again", LIMIT, async () => {
  await portal.page.evaluate(() => {
    const context = document.querySelector(".viewer-canvas").getContext("webgl2");
    window.graphics = context.getExtension("WEBGL_lose_context");
    window.graphics.loseContext();
  });
  await portal.$("viewer-lost").waitFor();
  await portal.page.evaluate(() => window.graphics.restoreContext());
  await portal.$("viewer-lost").waitFor({ state: "hidden" });
  await reset();
  assert.ok((await picture(portal)).scan > 9_000, "the picture is there again");
  await portal.page.evaluate(() => window.graphics.loseContext());
  await portal.$("viewer-restart").click();
  assert.equal(await portal.hasFocus(portal.$("view-3d")), true);
  assert.ok((await picture(portal)).scan > 9_000, "without another download");
  assert.equal(await portal.$("viewer-lost").isVisible(), false);
  assert.equal(new Set(portal.calls(/download\/IDE/)).size, 1);
});

test("teeth up, no bite is shown: the arches are apart, and no distance goes between them", LIMIT, async () => {
  await downloadAgain({ arrangement: "teeth-up", fileType: "stl" });
  await portal.$("viewer-apart").waitFor();
  await portal.$("viewer-no-color").waitFor();
  assert.equal(await portal.$("viewer-color").isDisabled(), true);
  const stage = portal.$("viewer-stage");
  await portal.$("viewer-mode-measure").click();
  const { width, height } = await stage.boundingBox();
  for (const [place, answer] of [
    [0.2, /first point/i],
    [0.8, /same arch/],
    [0.5, /no surface/],
  ]) {
    await stage.click({ position: { x: width / 2, y: place * height } });
    assert.match(await status(), answer);
  }
});

test("one file of both arches is shown as it is", LIMIT, async () => {
  await downloadAgain({ arrangement: "locked-occlusion", fileType: "ply" });
  await portal.$("viewer-part-both").waitFor();
  assert.equal(await portal.$("viewer-apart").isVisible(), false);
  assert.equal(await portal.$("viewer-part-upper").count(), 0);
  await press("u");
  assert.match(await status(), /no upper arch by itself/i);
  assert.ok((await picture(portal)).scan > 9_000);
});

test("a machine that is too slow moves a simpler mesh, and rests on the whole one", LIMIT, async () => {
  await reset();
  // Frames that come 50 ms apart, by their own clock.
  await portal.page.evaluate(() => {
    const request = window.requestAnimationFrame.bind(window);
    let now = performance.now();
    window.requestAnimationFrame = (callback) => request(() => callback((now += 50)));
    const viewer = document.querySelector(".viewer");
    window.details = new Set();
    new MutationObserver(() => window.details.add(viewer.dataset.detail)).observe(viewer, { attributes: true });
  });
  const [x, y] = await portal.$("viewer-stage").evaluate((stage) => {
    stage.scrollIntoView({ block: "center" });
    const { left, top } = stage.getBoundingClientRect();
    return [left + 100, top + 100];
  });
  await portal.page.mouse.move(x, y);
  await portal.page.mouse.down();
  for (let step = 1; !(await portal.page.evaluate(() => window.details.has("coarse"))); step += 1) {
    await portal.page.mouse.move(x + 10 * (step % 9), y + 20);
    await portal.page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await portal.page.mouse.up();
  await portal.page.locator('.viewer[data-detail="full"]').waitFor();
});

test("without WebGL the scan's pictures are shown, with the reason", LIMIT, async () => {
  await portal.$("view-3d").click();
  await portal.page.evaluate(() => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (type, ...rest) {
      return type.startsWith("webgl") ? null : getContext.call(this, type, ...rest);
    };
  });
  await portal.$("view-3d").click();
  await portal.$("viewer-no-webgl").filter({ hasText: "pictures are below" }).waitFor();
  assert.match(await portal.$("viewer-no-webgl").innerText(), /no WebGL/);
  assert.equal(await portal.page.locator(".archive .thumbnail").count(), 6);
  assert.equal(await portal.page.locator(".thumbnail").count(), 6, "each once");
  assert.equal(await portal.$("viewer").count(), 0);
});

test("in all of this, nothing failed, nothing left the machine, and no worker stays", LIMIT, () => {
  assert.equal(portal.page.workers().length, 0);
  portal.assertNoProblems();
  portal.assertOnlyLocalRequests();
});

test("two fingers zoom, and a finger scrolls the page until the picture was tapped", LIMIT, async (t) => {
  const phone = await portals.open(t, { viewport: { width: 360, height: 740 }, hasTouch: true });
  await openViewer(phone);
  await drawn(phone);
  const stage = phone.$("viewer-stage");
  const touchAction = () => stage.evaluate((element) => getComputedStyle(element).touchAction);
  assert.equal(await touchAction(), "pan-y");
  await stage.tap();
  assert.equal(await touchAction(), "none");
  const before = await scaleOf(phone);
  const { x, y } = await stage.boundingBox();
  const session = await phone.context.newCDPSession(phone.page);
  const touch = (type, ...places) =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: places.map((right, id) => ({ x: x + right, y: y + 100, id })),
    });
  await touch("touchStart", 100, 160);
  await touch("touchMove", 60, 220);
  await touch("touchMove", 40, 240);
  await touch("touchEnd");
  await drawn(phone);
  assert.notEqual(await scaleOf(phone), before);
  await phone.assertNoHorizontalScroll("the viewer");
  phone.assertNoProblems();
});

test(
  "the picture grows while the archive arrives; of a cancelled or damaged one nothing is shown as whole",
  LIMIT,
  async (t) => {
    const { portal } = await openScriptedOrder(t, portals, (index) => (index === 0 ? HALTING : DAMAGED));
    const chunks = () => portal.requests.filter((url) => /\/viewer-[\w-]+\.js$/.test(url)).length;
    assert.equal(chunks(), 0, "three.js is loaded when it is needed");
    await portal.$("view-3d").click();
    await portal.$("viewer-state").filter({ hasText: "preview" }).waitFor();
    await portal.$("viewer-part-upper").waitFor();
    assert.equal(chunks(), 1);
    assert.ok((await picture(portal)).scan > 1_000);
    assert.equal(await portal.$("viewer-mark-R").count(), 0, "nothing is claimed of what is not whole");

    await portal.$("view-3d").click();
    assert.equal(await portal.$("viewer").count(), 0);
    assert.equal(await portal.$("download-cancel").isVisible(), true, "closing the viewer leaves the download alone");
    await portal.$("view-3d").click();
    await drawn(portal);
    await portal.$("download-cancel").click();
    await portal.$("viewer-state").filter({ hasText: "no scan" }).waitFor();
    assert.equal(await portal.$("viewer-part-upper").count(), 0);
    assert.equal(await portal.$("viewer").isVisible(), false, "no controls without a mesh");

    await portal.$("download-retry").click();
    await portal.$("viewer-problems").filter({ hasText: "damaged" }).waitFor();
    await portal.$("viewer-part-lower").waitFor();
    assert.equal(await portal.$("viewer").isVisible(), true);
    portal.expect("aborted", /\/download\/IDE$/);
    assert.deepEqual(
      portal.problems.filter((line) => !line.includes("ERR_ABORTED")),
      [],
    );
  },
);
