import type { ReactNode, RefObject } from "react";
import type { Content } from "../../state/outbox";

/** What can be done with the words around the caret from outside. */
export interface EditorHandle {
  /** What stands before the caret in its line or paragraph. */
  before(): string;
  /** Puts words in the place of as many signs before the caret, and goes on writing after them. */
  replace(signs: number, words: string): void;
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

/** Whether somebody is at the search field just now, from which nothing may take the keyboard. */
export function searches(): boolean {
  return document.activeElement?.matches("[data-list-search]") ?? false;
}
