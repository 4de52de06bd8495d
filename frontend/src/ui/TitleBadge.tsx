import { useEffect } from "react";
import { useTranslation } from "../i18n/useTranslation";
import { unreadTotal } from "../state/select";
import { useParley } from "./context";

/** The number of unread messages in the window's title: "(3) Parley". */
export function TitleBadge() {
  const { t } = useTranslation();
  const unread = useParley((s) => unreadTotal(s.world));
  const name = t("app.name");
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) ${name}` : name;
    return () => {
      document.title = name;
    };
  }, [unread, name]);
  return null;
}
