// Reads a downloaded zip and unpacks only what is shown.
import { unzipSync, type UnzipFileInfo } from "fflate";
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

/** Of all pictures together, which the page keeps in memory. */
const PICTURES_LIMIT = 200_000_000;

/** Real archives have some tens of files. */
const ENTRIES_LIMIT = 1000;

/** Pictures are compressed already: a zip makes them hardly smaller. One that does much better was made to do harm. */
const RATIO_LIMIT = 100;

/** The ratio says nothing of an archive that unpacks to less. */
const RATIO_MATTERS_FROM = 1_000_000;

/** An archive that would take more memory or time than a real one does. */
export class ArchiveTooLargeError extends Error {
  constructor(reason: string) {
    super(`The archive is not opened here: ${reason}. You can still save the file.`);
  }
}

/** Throws if the bytes are not a readable zip, and an `ArchiveTooLargeError` before anything is unpacked. */
export function openArchive(zip: Uint8Array): Archive {
  const entries: ArchiveEntry[] = [];
  let unpacked: Record<string, Uint8Array<ArrayBuffer>>;
  try {
    const files = listFiles(zip);
    for (const { name, originalSize } of files)
      entries.push({ name, kind: kinds[extension(name)] ?? "File", size: originalSize });
    checkPictures(files.filter(isShownPicture), zip.length);
    unpacked = unzipSync(zip, { filter: isShownPicture });
  } catch (cause) {
    if (cause instanceof ArchiveTooLargeError) throw cause;
    throw new Error(`The downloaded file (${bytes(zip.length)}) is not a readable zip archive.`, { cause });
  }
  const pictures = Object.entries(unpacked).map(([name, data]) => ({
    name,
    data: new Blob([data], { type: pictureTypes[extension(name)] ?? "" }),
  }));
  return { entries, pictures };
}

function listFiles(zip: Uint8Array): UnzipFileInfo[] {
  const files: UnzipFileInfo[] = [];
  let entries = 0;
  unzipSync(zip, {
    filter: (file) => {
      entries += 1; // with folders: how many entries are read is a number in the zip
      if (entries > ENTRIES_LIMIT) throw new ArchiveTooLargeError(`it has more than ${ENTRIES_LIMIT} files`);
      if (!file.name.endsWith("/")) files.push(file);
      return false;
    },
  });
  return files;
}

function isShownPicture({ name, originalSize }: UnzipFileInfo): boolean {
  return extension(name) in pictureTypes && originalSize <= PICTURE_LIMIT;
}

function checkPictures(pictures: readonly UnzipFileInfo[], zipSize: number): void {
  const packed = pictures.reduce((sum, { size }) => sum + size, 0);
  const unpacked = pictures.reduce((sum, { originalSize }) => sum + originalSize, 0);
  if (unpacked > PICTURES_LIMIT)
    throw new ArchiveTooLargeError(`its pictures take more than ${bytes(PICTURES_LIMIT)} when unpacked`);
  // Files that share their bytes would be unpacked once for each.
  if (packed > zipSize || (unpacked > RATIO_MATTERS_FROM && unpacked > RATIO_LIMIT * zipSize))
    throw new ArchiveTooLargeError("its pictures are compressed more than pictures can be");
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
