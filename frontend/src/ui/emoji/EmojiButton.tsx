import { Popover } from "@mantine/core";
import { IconMoodSmile } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { IconButton } from "../base/parts";
import c from "./emoji.module.css";

const Picker = lazy(() => import("./Picker"));

/** A button that opens all emoji above it; what is chosen goes to `onPick`. */
export function EmojiButton({
  label,
  hint,
  size,
  iconSize,
  onOpen,
  onPick,
}: {
  label: string;
  hint?: string;
  size?: "sm";
  iconSize: number;
  /** Told when it opens and closes. */
  onOpen?: (open: boolean) => void;
  onPick: (emoji: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const show = (next: boolean) => {
    setOpen(next);
    onOpen?.(next);
  };
  return (
    <Popover opened={open} onChange={show} position="top" trapFocus returnFocus>
      <Popover.Target>
        <IconButton
          icon={IconMoodSmile}
          iconSize={iconSize}
          size={size}
          label={label}
          hint={hint}
          data-emoji-button
          onMouseDown={(e) => e.preventDefault()}
          onClick={() => show(!open)}
        />
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>
        <Suspense fallback={<div className={c.picker} />}>
          <Picker
            onPick={(emoji) => {
              show(false);
              onPick(emoji);
            }}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
