import type { ReactNode } from "react";
import type { Content } from "../../state/outbox";

/** What both editors, plain and rich, take. */
export interface EditorProps {
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
