import {
  IconFile,
  IconFileMusic,
  IconFileText,
  IconFileZip,
  IconMovie,
  IconPhoto,
  IconShieldExclamation,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import { endingOf, type FileKind, splitName } from "../../state/fileKind";
import c from "./files.module.css";

const icons: Record<FileKind, TablerIcon> = {
  image: IconPhoto,
  video: IconMovie,
  audio: IconFileMusic,
  document: IconFileText,
  archive: IconFileZip,
  program: IconShieldExclamation,
  other: IconFile,
};

/** The sign of a file: its picture, or what kind it is with the ending of its name. */
export function FileSign({ kind, name, picture }: { kind: FileKind; name: string; picture?: string }) {
  if (picture) return <img className={c.sign} src={picture} alt="" />;
  const Icon = icons[kind];
  const ending = endingOf(name);
  return (
    <span className={c.sign} data-kind={kind} aria-hidden="true">
      <Icon size={18} stroke={1.6} />
      {ending && <small>{ending}</small>}
    </span>
  );
}

/** A file's name in one line, cut in its middle: its ending is always in sight. */
export function FileName({ name }: { name: string }) {
  const [head, tail] = splitName(name);
  return (
    <span className={c.name} title={name}>
      <span>{head}</span>
      <span>{tail}</span>
    </span>
  );
}
