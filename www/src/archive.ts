// Reads a downloaded zip and unpacks only what is shown.
import { unzipSync } from "fflate";
import { bytes } from "./format";

export interface ArchiveEntry {
  name: string;
  kind: string;
  size: number;
}

export interface Picture {
  name: string;
  data: Blob;
}

export interface Archive {
  entries: ArchiveEntry[];
  pictures: Picture[];
}

const kinds: Record<string, string> = {
  stl: "3D mesh, STL",
  ply: "3D mesh with colour, PLY",
  obj: "3D mesh, OBJ",
  pdf: "RX document, PDF",
  xml: "Scan metadata, XML",
  jpg: "Picture, JPEG",
  jpeg: "Picture, JPEG",
  png: "Picture, PNG",
};

const pictureTypes: Record<string, string> = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png" };

/** A picture that claims to be larger is listed, but not unpacked. */
const PICTURE_LIMIT = 50_000_000;

/** Throws if the bytes are not a readable zip. */
export function openArchive(zip: Uint8Array): Archive {
  const entries: ArchiveEntry[] = [];
  let unpacked: Record<string, Uint8Array<ArrayBuffer>>;
  try {
    unpacked = unzipSync(zip, {
      filter: ({ name, originalSize }) => {
        if (name.endsWith("/")) return false; // a folder
        entries.push({ name, kind: kinds[extension(name)] ?? "File", size: originalSize });
        return extension(name) in pictureTypes && originalSize <= PICTURE_LIMIT;
      },
    });
  } catch (cause) {
    throw new Error(`The downloaded file (${bytes(zip.length)}) is not a readable zip archive.`, { cause });
  }
  const pictures = Object.entries(unpacked).map(([name, data]) => ({
    name,
    data: new Blob([data], { type: pictureTypes[extension(name)] ?? "" }),
  }));
  return { entries, pictures };
}

/**
 * Returns labels for pictures: the words of their file names without those that all share, such as the order's number. One whose
 * words all others begin with shows the whole.
 */
export function pictureLabels(names: readonly string[]): string[] {
  const words = names.map((name) =>
    name
      .slice(name.lastIndexOf("/") + 1)
      .replace(/\.\w+$/, "")
      .split(/[_\s-]+/),
  );
  const own = withoutShared(words, 0);
  const parts = own.filter((each) => each.length > 0);
  if (parts.length !== own.length - 1) return withoutShared(words, 1).map((each) => each.join(" "));
  const sides = withoutShared(withoutShared(parts, 1).map(reversed), 1).map(reversed);
  return own.map((each) => (each.length > 0 && sides.shift()?.join(" ")) || "overview");
}

/** Drops the words that all begin with, but leaves each so many, if it has them. */
function withoutShared(names: string[][], left: number): string[][] {
  const [first = []] = names;
  let shared = 0;
  while (
    names.length > 1 &&
    shared < first.length &&
    names.every((each) => each.length >= shared + 1 + left && each[shared] === first[shared])
  )
    shared += 1;
  return names.map((each) => each.slice(shared));
}

function reversed(words: string[]): string[] {
  return words.slice().reverse();
}

function extension(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1).toLowerCase();
}
