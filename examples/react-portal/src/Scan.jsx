import { Canvas, useThree } from "@react-three/fiber";
import { useEffect, useMemo, useState } from "react";
import { BufferAttribute, BufferGeometry, Color, DoubleSide } from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { openScan } from "itero-dpms/scan";
import { inWords } from "./words.js";

const HAS_GRAPHICS = new OffscreenCanvas(1, 1).getContext("webgl2") !== null;

/** An order's scan, which is shown while it is downloaded. */
export function Scan({ client, order: { orderId, orderCode } }) {
  const [meshes, setMeshes] = useState(new Map()); // by role
  const [text, setText] = useState("Waiting for the 3D files…");
  const [error, setError] = useState(null);

  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const show = async () => {
      const response = await client.downloadScan(orderId, "IDE", { signal });
      if (response === null) return setText("There are no 3D files.");
      const onProgress = ({ triangles }) => setText(`${triangles.toLocaleString()} triangles`);
      for await (const mesh of openScan(response, { signal, onProgress, preview: {} })) {
        setMeshes((before) => new Map(before).set(mesh.role ?? mesh.file.path, mesh));
      }
    };
    show().catch((reason) => signal.aborted || setError(reason));
    return () => leaving.abort();
  }, [client, orderId]);

  return (
    <section className="scan">
      <h2>Order {orderCode ?? orderId}</h2>
      {error ? <p role="alert">{inWords(error)}</p> : <p>{text}</p>}
      <div className="picture">
        {HAS_GRAPHICS ? <Arches meshes={meshes} /> : <p role="alert">This browser shows no 3D graphics.</p>}
      </div>
    </section>
  );
}

/** In millimetres; z is up, and the teeth face along y. Drawn only when something changes. */
function Arches({ meshes }) {
  return (
    <Canvas frameloop="demand" camera={{ up: [0, 0, 1], position: [0, 140, 60], fov: 40 }}>
      <ambientLight intensity={0.6} />
      <directionalLight position={[60, 170, 120]} intensity={1.6} />
      {[...meshes].map(([role, mesh]) => (
        <Arch key={role} mesh={mesh} />
      ))}
      <Controls />
    </Canvas>
  );
}

function Arch({ mesh }) {
  const geometry = useMemo(() => geometryOf(mesh), [mesh]);
  useEffect(() => () => geometry.dispose(), [geometry]);
  const hasColors = geometry.hasAttribute("color");
  // Files of this kind do not contain the bite: the arches are shown side by side.
  const x = mesh.arrangement === "teeth-up" ? { upper: 40, lower: -40 }[mesh.role] : 0;
  return (
    <mesh geometry={geometry} position-x={x ?? 0}>
      <meshStandardMaterial key={String(hasColors)} vertexColors={hasColors} side={DoubleSide} />
    </mesh>
  );
}

/** The arrays can go to the GPU as they are, except for colours: they are sRGB, and three.js needs them linear. */
function geometryOf({ position, normal, color, index }) {
  const geometry = new BufferGeometry().setIndex(new BufferAttribute(index, 1));
  geometry.setAttribute("position", new BufferAttribute(position, 3));
  geometry.setAttribute("normal", new BufferAttribute(normal, 4, true));
  if (color?.length) {
    const linear = Uint16Array.from(color, (byte, at) => (at % 4 === 3 ? byte * 257 : LINEAR[byte]));
    geometry.setAttribute("color", new BufferAttribute(linear, 4, true));
  }
  return geometry;
}

const LINEAR = Uint16Array.from({ length: 256 }, (_, byte) => new Color().setStyle(`rgb(${byte},0,0)`).r * 65535);

function Controls() {
  const camera = useThree((three) => three.camera);
  const canvas = useThree((three) => three.gl.domElement);
  const invalidate = useThree((three) => three.invalidate);
  useEffect(() => {
    const controls = new OrbitControls(camera, canvas);
    controls.addEventListener("change", invalidate);
    return () => controls.dispose();
  }, [camera, canvas, invalidate]);
  return null;
}
