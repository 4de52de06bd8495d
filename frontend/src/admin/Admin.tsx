import { IconChevronLeft, IconSearchOff, IconSettings2 } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { useTranslation } from "../i18n/useTranslation";
import { Empty, IconButton } from "../ui/base/parts";
import { SearchField } from "../ui/base/SearchField";
import { useApp, useParley, usePhone } from "../ui/context";
import { OpenRequests } from "../ui/why/OpenRequests";
import c from "./admin.module.css";
import { type AdminPage, findPages, pages, sections } from "./pages";

interface Place {
  adminPage: string | undefined;
  subjectId: string | undefined;
}

/** The administration: the side list of its pages with Quick Find, and the page that is open. */
export default function Admin({ adminPage, subjectId }: Place) {
  const phone = usePhone();
  const world = useParley((s) => s.world);
  const mine = pages.filter((p) => p.open(world));
  const open = mine.find((p) => p.id === adminPage);
  // On a phone the list comes first; elsewhere there is room for both.
  const shown = open ?? (phone ? undefined : mine[0]);
  if (phone)
    return shown ? <Open page={shown} subjectId={subjectId} back /> : <SideList current={undefined} />;
  return (
    <div className={c.admin}>
      <SideList current={shown?.id} />
      {shown && <Open page={shown} subjectId={shown === open ? subjectId : undefined} />}
    </div>
  );
}

function SideList({ current }: { current: string | undefined }) {
  const { t } = useTranslation();
  const app = useApp();
  const phone = usePhone();
  const [query, setQuery] = useState("");
  const found = findPages(
    t,
    query,
    useParley((s) => s.world),
  );
  const open = (page: AdminPage | undefined) => {
    if (page) app.open({ page: "admin", adminPage: page.id });
  };
  return (
    <section className={c.side} aria-label={t("admin.title")}>
      <div className={c.sideHead}>
        {phone && <h1>{t("admin.title")}</h1>}
        <SearchField
          label={t("admin.quickFind")}
          value={query}
          onChange={setQuery}
          onEnter={() => open(found[0])}
        />
      </div>
      <nav aria-label={t("admin.pages")} className={c.sideList}>
        {sections.map((section) => {
          const here = found.filter((p) => p.section === section);
          if (here.length === 0) return null;
          return (
            <section key={section} aria-label={t(`adminSections.${section}`)}>
              <h2 className={c.heading}>{t(`adminSections.${section}`)}</h2>
              <ul>
                {here.map((page) => (
                  <li key={page.id}>
                    <button
                      type="button"
                      className={c.nav}
                      aria-current={page.id === current ? "page" : undefined}
                      onClick={() => open(page)}
                    >
                      <page.icon size={16} stroke={1.7} aria-hidden />
                      <span className="cut">{t(page.titleKey)}</span>
                      {page.id === "requests" && <OpenRequests />}
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
        {found.length === 0 && (
          <div role="status">
            <Empty icon={IconSearchOff} title={t("list.noMatch", { query })} text={t("admin.noMatchText")} />
          </div>
        )}
      </nav>
    </section>
  );
}

function Open({ page, subjectId, back }: { page: AdminPage; subjectId: string | undefined; back?: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const Page = page.component;
  return (
    <div className={c.page} id="conversation" tabIndex={-1}>
      {back && (
        <div className={c.back}>
          <IconButton
            icon={IconChevronLeft}
            iconSize={22}
            mirror
            label={t("nav.back")}
            onClick={() => app.open({ page: "admin" })}
          />
        </div>
      )}
      <Suspense fallback={<Empty icon={IconSettings2} title={t("admin.loading")} />}>
        <Page key={page.id} subjectId={subjectId} />
      </Suspense>
    </div>
  );
}
