import { IconAlertTriangle, IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { copyText } from "../../shell/clipboard";
import { Button } from "../base/parts";
import c from "./factor.module.css";

/** The recovery codes, which are shown this once. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState<boolean | null>(null);
  const Icon = copied ? IconCheck : IconCopy;
  return (
    <div className={c.recovery}>
      <p role="status" className={c.warning}>
        <IconAlertTriangle size={16} stroke={1.7} aria-hidden />
        {t("factor.keep")}
      </p>
      <ol className={`${c.codes} num`} aria-label={t("factor.recoveryCodes")}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className={c.foot}>
        <Button onClick={() => void copyText(codes.join("\n")).then(setCopied)}>
          <Icon size={16} stroke={1.7} aria-hidden />
          {t(copied ? "factor.copied" : copied === false ? "factor.notCopied" : "factor.copy")}
        </Button>
        {/* What had the focus is gone. */}
        <Button kind="primary" ref={(button) => button?.focus()} onClick={onDone}>
          {t("factor.kept")}
        </Button>
      </div>
    </div>
  );
}
