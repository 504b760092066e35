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

/** Returns labels for pictures: the words of their file names without the common prefix, such as the order's number. */
export function pictureLabels(names: readonly string[]): string[] {
  const words = names.map((name) =>
    name
      .slice(name.lastIndexOf("/") + 1)
      .replace(/\.\w+$/, "")
      .split(/[_\s-]+/),
  );
  const [first = []] = words;
  let shared = 0;
  while (words.length > 1 && words.every((each) => each.length > shared + 1 && each[shared] === first[shared]))
    shared += 1;
  return words.map((each) => each.slice(shared).join(" "));
}

function extension(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1).toLowerCase();
}
