// What the page shows of a downloaded archive: its files, and its pictures within limits.
import type { Scan, ScanError, ScanFile } from "itero-dpms/scan";
import { isScanError } from "itero-dpms/scan";
import { bytes } from "./format";

export interface ArchiveEntry {
  name: string;
  kind: string;
  size: number;
  isMesh: boolean;
  /** What is wrong with the file, as shown beside it. */
  problem: string | null;
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

/** What is wrong with one file. The archive's other files are not affected. */
const problems: Record<ScanError["kind"], string> = {
  "not-a-zip": "cannot be read",
  truncated: "incomplete",
  corrupt: "damaged",
  encrypted: "encrypted",
  unsupported: "compressed in a way that this page cannot read",
  "too-large": "not opened: it would unpack to far more than a real file does",
  "not-a-mesh": "not a 3D mesh, whatever its name says",
  worker: "cannot be read",
};

/** Recognized by their first bytes. */
const SHOWN_TYPES = /^image\/(?:jpeg|png|gif|webp|bmp)$/;

/** A picture that claims to be larger is listed, but not read. */
const PICTURE_LIMIT = 50_000_000;

/** The limit for all pictures together, which the page keeps in memory. */
const PICTURES_LIMIT = 200_000_000;

/** Real archives have some tens of files. */
const ENTRIES_LIMIT = 1000;

/** Pictures are compressed already, so a zip hardly shrinks them. A much better ratio means a malicious archive. */
const RATIO_LIMIT = 100;

/** The ratio is not checked for an archive that unpacks to less. */
const RATIO_MATTERS_FROM = 1_000_000;

/** An archive that would take more memory or time than real ones do. */
export class ArchiveTooLargeError extends Error {
  constructor(reason: string) {
    super(`The archive is not opened here: ${reason}. You can still save the file.`);
  }
}

/**
 * Reads what the page shows. Throws the scan's own error, or an `ArchiveTooLargeError` before a picture is read. A file that
 * cannot be read is listed with its problem.
 */
export async function readArchive(scan: Scan, signal: AbortSignal): Promise<Archive> {
  const [files, zip] = await Promise.all([scan.files(), scan.zip()]);
  const shown = files.filter(isShownPicture);
  checkFiles(files, shown, zip.size);
  const entries = new Map(files.map((file) => [file, entryOf(file)]));
  const pictures: Picture[] = [];
  for (const file of shown) {
    try {
      const data = await scan.read(file, { signal });
      if (!SHOWN_TYPES.test(data.type)) throw new Error("not a picture that browsers show, whatever its name says");
      pictures.push({ name: file.name, data });
    } catch (error) {
      signal.throwIfAborted();
      const entry = entries.get(file);
      if (entry !== undefined) entry.problem = problemOf(error);
    }
  }
  return { entries: [...entries.values()], pictures };
}

/** Returns what is wrong with a file of an archive, in a few words. */
export function problemOf(error: unknown): string {
  if (isScanError(error)) return problems[error.kind];
  return error instanceof Error ? error.message : "cannot be read";
}

function entryOf({ name, size, kind, error }: ScanFile): ArchiveEntry {
  return {
    name,
    size,
    isMesh: kind === "mesh",
    kind: kinds[extension(name)] ?? "File",
    problem: error && problemOf(error),
  };
}

function isShownPicture({ kind, size }: ScanFile): boolean {
  return kind === "picture" && size <= PICTURE_LIMIT;
}

function checkFiles(files: readonly ScanFile[], pictures: readonly ScanFile[], zipSize: number): void {
  if (files.length > ENTRIES_LIMIT) throw new ArchiveTooLargeError(`it has more than ${ENTRIES_LIMIT} files`);
  const packed = pictures.reduce((sum, { compressedSize }) => sum + compressedSize, 0);
  const unpacked = pictures.reduce((sum, { size }) => sum + size, 0);
  if (unpacked > PICTURES_LIMIT)
    throw new ArchiveTooLargeError(`its pictures take more than ${bytes(PICTURES_LIMIT)} when unpacked`);
  // Files that share their bytes would be unpacked once per file.
  if (packed > zipSize || (unpacked > RATIO_MATTERS_FROM && unpacked > RATIO_LIMIT * zipSize))
    throw new ArchiveTooLargeError("its pictures are compressed more than pictures can be");
}

/**
 * Returns labels for pictures: the words of their file names without those that all names share, such as the order's number. A
 * name that consists of shared words only gets the label "overview".
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

/** Drops the leading words that all names share, but leaves at least `left` words in each. */
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
