import { Fragment } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { Dialog } from "../base/Dialog";
import { Keys } from "../base/parts";
import { useApp } from "../context";
import { modKey } from "../keys";
import c from "./settings.module.css";

/** All shortcuts, by where they hold. */
export default function Shortcuts({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  // What a browser keeps for itself is not promised in one.
  const inWindow = (keys: string) => (app.shell.home === "window" ? [keys] : []);
  const groups: { title: string; lines: [string, string[]][] }[] = [
    {
      title: t("shortcuts.everywhere"),
      lines: [
        [t("shortcuts.palette"), [`${modKey} K`]],
        [t("shortcuts.search"), ["/"]],
        [t("shortcuts.jump"), [...inWindow(`${modKey} 1…9`), "Alt 1…9"]],
        [t("shortcuts.cycle"), [...inWindow("Ctrl Tab"), "Alt ↑↓"]],
        [t("shortcuts.close"), [...inWindow(`${modKey} W`), "Alt W"]],
        [t("shortcuts.help"), ["?", `${modKey} /`]],
      ],
    },
    {
      title: t("shortcuts.inComposer"),
      lines: [
        [t("shortcuts.send"), ["Enter"]],
        [t("shortcuts.newLine"), ["Shift Enter"]],
        [t("shortcuts.bold"), [`${modKey} B`]],
        [t("shortcuts.italic"), [`${modKey} I`]],
        [t("shortcuts.strike"), [`${modKey} Shift S`]],
        [t("shortcuts.code"), [`${modKey} E`]],
        [t("shortcuts.link"), [`${modKey} Shift U`]],
        [t("shortcuts.editLast"), ["↑"]],
        [t("shortcuts.mention"), ["@"]],
        [t("shortcuts.template"), ["/"]],
        [t("shortcuts.preview"), [`${modKey} Shift X`]],
        [t("shortcuts.leave"), ["Esc"]],
      ],
    },
    {
      title: t("shortcuts.inTimeline"),
      lines: [
        [t("shortcuts.toMessage"), ["↑", "↓"]],
        [t("shortcuts.replyMessage"), ["R"]],
        [t("shortcuts.reactMessage"), ["+"]],
        [t("shortcuts.editMessage"), ["E"]],
        [t("shortcuts.deleteMessage"), ["Del"]],
      ],
    },
    {
      title: t("shortcuts.inList"),
      lines: [
        [t("shortcuts.move"), ["↑", "↓"]],
        [t("shortcuts.openRow"), ["Enter"]],
      ],
    },
  ];
  return (
    <Dialog title={t("shortcuts.title")} width={720} onClose={onClose}>
      <div className={c.keys}>
        {groups.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.lines.map(([what, keys]) => (
                <div key={what}>
                  <dt>{what}</dt>
                  <dd>
                    {keys.map((key, i) => (
                      <Fragment key={key}>
                        {i > 0 && t("shortcuts.or")}
                        <Keys keys={key} />
                      </Fragment>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
