import c from "./conversation.module.css";

/** A line across the timeline with a word in it: a date, or how many are new. */
export function Divider({ text, tone }: { text: string; tone?: "new" }) {
  return (
    <div className={c.divider} data-tone={tone}>
      {text}
    </div>
  );
}
