import { useEffect, useState } from "react";
import { useParley } from "./context";

const SETTLE_MS = 150;

/** Reads new messages aloud to screen readers, wherever one is in the window. */
export function Live() {
  const text = useParley((s) => s.announcement);
  // A region must exist before its text changes, and quick successions are read as one.
  const [said, setSaid] = useState("");
  useEffect(() => {
    const id = setTimeout(() => setSaid(text), SETTLE_MS);
    return () => clearTimeout(id);
  }, [text]);
  return (
    <div className="vh" role="log" aria-live="polite">
      {said}
    </div>
  );
}
