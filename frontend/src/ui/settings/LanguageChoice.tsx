import { LANGUAGES, type Language, switchLanguage } from "../../i18n/i18n";
import { useTranslation } from "../../i18n/useTranslation";
import { Segments } from "../base/controls";
import { useApp } from "../context";

const options = (Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, text: LANGUAGES[value] }));

/** Chooses the language of the page; the choice stays on this computer. */
export function LanguageChoice() {
  const { t, language } = useTranslation();
  const app = useApp();
  const choose = (chosen: Language) => {
    app.setPreferences({ language: chosen });
    void switchLanguage(chosen);
  };
  return (
    <Segments
      label={t("settings.language")}
      value={language as Language}
      options={options}
      onChange={choose}
    />
  );
}
