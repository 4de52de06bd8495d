import { IconFileDownload } from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import type { UserListAnswer } from "../../protocol";
import { Button } from "../../ui/base/parts";
import { useApp } from "../../ui/context";
import { csvText, saveTable } from "./csv";
import { usersTable } from "./usersTable";

/** Saves all users as a table. The desktop's window can save no files. */
export function ExportUsers({ list }: { list: UserListAnswer }) {
  const { t } = useTranslation();
  const { shell } = useApp();
  if (shell.home === "window") return null;
  // Spreadsheets of some languages take only a semicolon for what it is meant to be.
  const separator = t("transfer.separator") === ";" ? ";" : ",";
  return (
    <Button onClick={() => saveTable("users.csv", csvText(usersTable(list), separator))}>
      <IconFileDownload size={16} stroke={1.7} aria-hidden />
      {t("transfer.export")}
    </Button>
  );
}
