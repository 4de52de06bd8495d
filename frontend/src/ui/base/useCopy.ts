import { useState } from "react";
import { copyText } from "../../shell/clipboard";

/** Copies a text, and tells for the rest of the button's life that it did. */
export function useCopy(text: string): { copied: boolean; copy: () => void } {
  const [copied, setCopied] = useState(false);
  return { copied, copy: () => void copyText(text).then(setCopied) };
}
