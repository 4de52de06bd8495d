import { IconAlertCircle, IconExternalLink, IconKey } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import type { Failure } from "../../protocol";
import { Button, LinkButton } from "../base/parts";
import { useApp } from "../context";
import c from "./signin.module.css";

/** What the server sends a browser back with, when single sign-on did not succeed (backend/server/sso.go). */
const words = ["refused", "failed", "unreachable", "busy"] as const;
type Word = (typeof words)[number];

/** Takes that word out of the page's address, where it would stay over a reload. */
function wordOfAddress(): Word | null {
  const word = words.find((w) => w === new URLSearchParams(location.search).get("sso"));
  if (word) history.replaceState(history.state, "", location.pathname + location.hash);
  return word ?? null;
}

/** The way in by the organisation's own sign-in, where the server has one. */
export function SingleSignOn({ server }: { server: string }) {
  const { t } = useTranslation();
  const app = useApp();
  const [name, setName] = useState("");
  const [word, setWord] = useState<Word | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [address, setAddress] = useState("");
  const [busy, setBusy] = useState(false);
  const asked = app.shell.replica ? server : "here";

  useEffect(() => setWord(wordOfAddress), []);
  useEffect(() => {
    setName("");
    if (!asked) return;
    let gone = false;
    app
      .ssoName(asked)
      .then((told) => !gone && setName(told))
      // Whoever signs in by password is told soon enough that there is no such server.
      .catch(() => {});
    return () => {
      gone = true;
    };
  }, [app, asked]);

  const begin = async () => {
    if (busy) return;
    setBusy(true);
    setWord(null);
    setFailure(null);
    try {
      await app.singleSignOn(server, setAddress);
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      setFailure(e.failure);
    } finally {
      setBusy(false);
      setAddress("");
    }
  };

  if (!name && !word) return null;
  return (
    <div className={c.sso}>
      {(word || failure) && (
        <div className={c.error} role="alert">
          <IconAlertCircle size={16} stroke={1.7} aria-hidden />
          {word ? t(`sso.${word}`) : failure?.text}
        </div>
      )}
      {address && (
        <p role="status">
          {t("sso.goOn")}{" "}
          <LinkButton onClick={() => app.shell.openLink(address)}>{t("sso.again")}</LinkButton>
        </p>
      )}
      {name && (
        <Button size="lg" aria-disabled={busy} onClick={() => void begin()}>
          {app.shell.replica ? (
            <IconExternalLink size={16} stroke={1.7} aria-hidden />
          ) : (
            <IconKey size={16} stroke={1.7} aria-hidden />
          )}
          {t(busy ? "sso.waiting" : "sso.with", { name })}
        </Button>
      )}
    </div>
  );
}
