import { useTranslation } from "../../i18n/useTranslation";
import type { Enrolment } from "../../protocol";
import c from "./factor.module.css";

/** What an authenticator app takes in: the QR code, and the same for typing. */
export function SetUp({ enrolment }: { enrolment: Enrolment }) {
  const { t } = useTranslation();
  const groups = enrolment.secret.match(/.{1,4}/g) ?? [];
  return (
    <div className={c.setUp}>
      <p>{t("factor.scan")}</p>
      <img src={enrolment.picture} alt={t("factor.picture")} width={176} height={176} />
      <p>{t("factor.type")}</p>
      <output className={`${c.secret} num`} aria-label={t("factor.secret")}>
        {groups.join(" ")}
      </output>
    </div>
  );
}
