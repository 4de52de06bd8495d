import { Loader } from "@mantine/core";
import { useEffect, useState } from "react";
import { exact } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import type { Failure, MessageVersion } from "../../protocol";
import { Dialog } from "../base/Dialog";
import { useApp, useParley } from "../context";
import c from "./amend.module.css";
import { PlainText, RichText } from "./RichText";

/** What a message is now and what it was before, the newest first. */
export default function Versions({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const about = useParley((s) => s.about);
  const [versions, setVersions] = useState<MessageVersion[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    if (!about) return;
    const { conversationId, id } = about.message;
    app.ask(about.transcript ? "transcript.versions" : "message.versions", { conversationId, id }).then(
      (answer) => setVersions(answer.versions),
      (e) => {
        if (!(e instanceof RequestError)) throw e;
        setFailure(e.failure);
      },
    );
  }, [app, about]);
  if (!about) return null;
  const { message } = about;
  const all = [
    ...(versions ?? []),
    ...(message.deletedAt
      ? []
      : [{ ...message, revision: message.revision ?? 0, at: message.editedAt ?? message.at }]),
  ].reverse();
  return (
    <Dialog title={t("message.versionsTitle")} width={520} onClose={onClose}>
      <div className={c.versions}>
        {failure && (
          <p className={c.failure} role="alert">
            {failure.code === "offline" ? t("message.offline") : failure.text}
          </p>
        )}
        {!failure && !versions && <Loader size={16} aria-label={t("message.versionsLoading")} />}
        {versions && (
          <ol>
            {all.map((v, i) => (
              <li key={v.revision}>
                <h3>
                  {i === 0 && !message.deletedAt ? t("message.versionNow") : t("message.versionWas")}
                  <time dateTime={new Date(v.at).toISOString()}>{exact(v.at)}</time>
                </h3>
                {v.document ? <RichText doc={v.document} /> : <PlainText text={v.text} />}
              </li>
            ))}
          </ol>
        )}
      </div>
    </Dialog>
  );
}
