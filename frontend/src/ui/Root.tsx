import { Component, type ReactNode } from "react";
import { useTranslation } from "../i18n/useTranslation";
import { Button, Logo } from "./base/parts";
import { useApp, useNet, useNow, useParley } from "./context";
import { Frame } from "./Frame";
import c from "./Root.module.css";
import { SignIn } from "./signin/SignIn";

/** What fills the page: signing in, the frame, or what is between. */
export function Root() {
  const { t } = useTranslation();
  const app = useApp();
  const { peer, known } = useParley((s) => ({ peer: s.peer.kind, known: s.world.me !== null }));
  const net = useNet().kind;
  if (peer === "signedOut") return <SignIn />;
  if (peer === "outdated") {
    return (
      <Boot title={t("app.outdated")} text={t("app.outdatedText")}>
        <Button kind="primary" onClick={() => app.reload()}>
          {t("app.reload")}
        </Button>
      </Boot>
    );
  }
  if (known) return <Frame />;
  // By what the connection means for people: with every try the page would come and go else.
  if (net === "offline") return <Unreachable />;
  return <Boot title={t("app.connecting")} />;
}

function Unreachable() {
  const { t } = useTranslation();
  const app = useApp();
  const net = useNet();
  const next = net.kind === "offline" ? net.nextTryAt : 0;
  const now = useNow(1000);
  const seconds = Math.max(0, Math.ceil((next - now) / 1000));
  return (
    <Boot title={t("app.unreachable")} text={t("app.unreachableText")}>
      <span className="num">{seconds > 0 ? t("offline.next", { count: seconds }) : t("offline.trying")}</span>
      <Button onClick={() => app.retry()}>{t("offline.tryNow")}</Button>
    </Boot>
  );
}

function Boot({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <main className={c.boot}>
      <div role="status">
        <Logo size={40} />
        <h1>{title}</h1>
        {text && <p>{text}</p>}
        {children && <div>{children}</div>}
      </div>
    </main>
  );
}

/** If drawing fails, says so and offers to load again; what was written is kept outside of the views. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const { t } = useTranslation();
  return (
    <Boot title={t("app.failed")} text={t("app.failedText")}>
      <Button kind="primary" onClick={() => location.reload()}>
        {t("app.reload")}
      </Button>
    </Boot>
  );
}
