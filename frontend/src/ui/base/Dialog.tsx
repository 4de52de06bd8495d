import { Modal } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import c from "./base.module.css";

/** A dialog over the window, with its title and a way out. */
export function Dialog({
  title,
  width,
  onClose,
  children,
}: {
  title: string;
  width: number;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Modal.Root opened onClose={onClose} size={width}>
      <Modal.Overlay />
      <Modal.Content>
        {/* Not Mantine's own head: it would be a second banner of the page. */}
        <div className={c.dialogHead}>
          <Modal.Title>{title}</Modal.Title>
          {/* Without a hint: it has the focus when the dialog opens, and a hint would lie over it from the start. */}
          <button type="button" className={c.icon} aria-label={t("why.close")} onClick={onClose}>
            <IconX size={18} stroke={1.6} aria-hidden />
          </button>
        </div>
        {children}
      </Modal.Content>
    </Modal.Root>
  );
}
