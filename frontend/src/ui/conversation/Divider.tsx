import c from "./conversation.module.css";

/** A line across the timeline with a word in it: a date, which may lead to others, or how many are new. */
export function Divider({
  text,
  tone,
  hint,
  onClick,
}: {
  text: string;
  tone?: "new";
  hint?: string;
  onClick?: () => void;
}) {
  return (
    <div className={c.divider} data-tone={tone}>
      {onClick ? (
        <button type="button" title={hint} onClick={onClick}>
          {text}
        </button>
      ) : (
        text
      )}
    </div>
  );
}
