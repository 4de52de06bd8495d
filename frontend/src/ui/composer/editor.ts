import type { ReactNode, RefObject } from "react";
import type { Content } from "../../state/outbox";

/** What can be done with the words around the caret from outside. */
export interface EditorHandle {
  /** Takes the keyboard. */
  focus(): void;
  /** What stands before the caret in its line or paragraph. */
  before(): string;
  /** Puts words in the place of as many signs before the caret, and goes on writing after them. */
  replace(signs: number, words: string): void;
  /** Puts what was written elsewhere in the place of as many signs before the caret; what stands around it stays. */
  insert(signs: number, content: Content): void;
}

/** What both editors, plain and rich, take. */
export interface EditorProps {
  handle?: RefObject<EditorHandle | null>;
  initial: Content;
  /** The field's name for screen readers. */
  label: string;
  placeholder: string;
  /** Told with every change, also when a message was sent and nothing is left. */
  onChange(content: Content): void;
  /** Asked with Enter and by the button; true if the words were taken, so that the field becomes empty. */
  onSend(content: Content): boolean;
  /** What stands before the tools, for example the button for files. */
  begin?: ReactNode;
  /** What stands at the end of the tools: counter and Send. */
  end(send: () => void): ReactNode;
  /** Whether writing begins at once. A phone would open its keyboard over what is to be read. */
  autoFocus: boolean;
}

/** Whether somebody is at another field or a dialog just now, from which nothing may take the keyboard. */
export function occupied(): boolean {
  const at = document.activeElement;
  return at?.closest("input, textarea, select, [contenteditable=true], [role=dialog]") != null;
}
