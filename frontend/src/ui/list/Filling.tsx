import { useTranslation } from "../../i18n/useTranslation";
import { useParley } from "../context";
import c from "./list.module.css";

/**
 * What this computer is loading: first what was missed, then the older messages for use without a connection. Everything that is
 * here already can be used meanwhile.
 */
export function Filling() {
  const { t, language } = useTranslation();
  const link = useParley((s) => s.world.link);
  const { catchUp, filling } = link ?? {};
  if (catchUp) {
    const at = new Date(catchUp.at).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
    const { fromAt, toAt } = catchUp;
    return <Bar text={t("list.catchUp", { at })} of={toAt - fromAt} done={catchUp.at - fromAt} />;
  }
  if (filling) {
    const [kept, of] = [filling.kept, filling.of].map((n) => n.toLocaleString(language));
    return <Bar text={t("list.filling", { kept, of })} of={filling.of} done={filling.kept} />;
  }
  return null;
}

function Bar({ text, of, done }: { text: string; of: number; done: number }) {
  return (
    <div className={c.filling}>
      <span id="filling">{text}</span>
      <progress max={Math.max(of, 1)} value={done} aria-labelledby="filling" />
    </div>
  );
}
