import { MAX_IMPORTED_USERS } from "../../protocol";

// A file of users is given to the hub in parts, each with the header line. The page reads of the file just what it takes to cut
// it between two records, and to find a name that stands in two parts; all else is the hub's to read.

/** A record of a file: where it stands, and whom it is about. */
export interface FileRecord {
  /** The line it begins in, from 1. */
  line: number;
  /** Its place in the text; the end is before the end of the line. */
  start: number;
  end: number;
  /** The sign-in name as it is compared; empty if there is none. */
  name: string;
}

/** A file of users, taken apart. */
export interface UsersFile {
  text: string;
  header: string;
  records: FileRecord[];
  /** Whether it has a column of passwords. */
  passwords: boolean;
}

/** A piece of a file that fits into one command. */
export interface Part {
  csv: string;
  firstLine: number;
  records: FileRecord[];
}

/** The most bytes of a part's text in JSON: a request may have 128 KB (wire.MaxRequestBytes), and has more in it than this. */
const MAX_PART_BYTES = 100_000;
/** The most records of a part with passwords: each is hashed, which takes the server some 30 ms, and others wait as long. */
const MAX_WITH_PASSWORDS = 40;

/** What separates the cells: whichever stands more often in the header line outside of quotes. */
function separatorOf(text: string): "," | ";" {
  let count = 0;
  let quoted = false;
  for (const sign of text) {
    if (sign === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (sign === "\n") break;
    else if (sign === ",") count--;
    else if (sign === ";") count++;
  }
  return count > 0 ? ";" : ",";
}

/** Reads a text as records of cells, as the hub does. Quotes that do not fit are left to the hub to refuse. */
function* recordsOf(text: string): Generator<{ line: number; start: number; end: number; cells: string[] }> {
  const separator = separatorOf(text);
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const record = { line, start: at, end: at, cells: [] as string[] };
    for (let more = true; more; ) {
      let cell = "";
      while (text[at] === " " || text[at] === "\t") at++;
      if (text[at] === '"') {
        const from = ++at;
        for (at = text.indexOf('"', at); at >= 0 && text[at + 1] === '"'; at = text.indexOf('"', at + 2));
        if (at < 0) at = text.length;
        cell = text.slice(from, at).replaceAll('""', '"');
        line += cell.split("\n").length - 1;
        at++;
      }
      const from = at;
      while (at < text.length && text[at] !== separator && text[at] !== "\n") at++;
      record.cells.push((cell + text.slice(from, at)).trim());
      more = text[at] === separator;
      if (more) at++;
    }
    record.end = Math.min(at, text.length);
    at++;
    line++;
    yield record;
  }
}

/** Takes a file apart; null if there is no record in it. */
export function readUsers(text: string): UsersFile | null {
  let file: UsersFile | null = null;
  let nameAt = -1;
  for (const { cells, ...place } of recordsOf(text)) {
    if (cells.every((cell) => cell === "")) continue;
    if (file) {
      const name = (cells[nameAt] ?? "").replace(/^'(?='*[=+\-@])/, "").toLowerCase();
      file.records.push({ ...place, name });
      continue;
    }
    const columns = cells.map((heading) => heading.toLowerCase().replace(/[ _-]/g, ""));
    nameAt = columns.indexOf("name");
    const header = text.slice(place.start, place.end).trimEnd();
    file = { text, header, records: [], passwords: columns.includes("password") };
  }
  return file && file.records.length > 0 ? file : null;
}

const bytes = (text: string) => new TextEncoder().encode(JSON.stringify(text)).length;

/** The line of the first record that fits into no part, for example because its quotes never end; null if all do. */
export function tooLong({ text, header, records }: UsersFile): number | null {
  const room = MAX_PART_BYTES - bytes(header);
  return records.find(({ start, end }) => bytes(text.slice(start, end)) > room)?.line ?? null;
}

/** Cuts a file into parts, of which none is longer than a request may be if no record is too long. */
export function partsOf(file: UsersFile): Part[] {
  const most = file.passwords ? MAX_WITH_PASSWORDS : MAX_IMPORTED_USERS;
  const parts: FileRecord[][] = [];
  let size = 0;
  for (const [i, record] of file.records.entries()) {
    // With what stands between it and the one before.
    const added = bytes(file.text.slice(file.records[i - 1]?.end ?? record.start, record.end));
    const part = parts.at(-1);
    if (part && part.length < most && size + added <= MAX_PART_BYTES) {
      part.push(record);
      size += added;
    } else {
      parts.push([record]);
      size = bytes(file.header) + added;
    }
  }
  return parts.map((records) => {
    const [first, last] = [records[0] as FileRecord, records.at(-1) as FileRecord];
    return {
      csv: `${file.header}\n${file.text.slice(first.start, last.end)}\n`,
      firstLine: first.line,
      records,
    };
  });
}

/** The lines of names that stand in the file before, with the line where each stands first. */
export function doubles(file: UsersFile): Map<number, { name: string; first: number }> {
  const seen = new Map<string, number>();
  const found = new Map<number, { name: string; first: number }>();
  for (const { name, line } of file.records) {
    const first = seen.get(name);
    if (name !== "" && first !== undefined) found.set(line, { name, first });
    else seen.set(name, line);
  }
  return found;
}
