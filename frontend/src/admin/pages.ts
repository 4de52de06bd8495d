import {
  IconAdjustments,
  IconEye,
  IconHeartRateMonitor,
  IconHelpCircle,
  IconHistory,
  IconInbox,
  IconLicense,
  IconShieldLock,
  IconTemplate,
  IconUsersGroup,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type texts from "../i18n/en.json";
import { mayConfigureAll, mayKeepTemplates, maySeeSetup } from "../state/administration";
import { matches } from "../state/select";
import type { World } from "../state/world";

// The pages of the administration. To add one:
//   1. write it in a folder of its own below admin/, as the default export of a module (it is loaded when it is opened);
//   2. add an entry to `pages`, beside its section's others: the order here is the order shown;
//   3. give it a title and words under "adminPages" in en.json and de.json: {"<id>": {"title": "...", "words": "..."}}.
//      Quick Find and the palette look into both; words are what people may call it who do not know its name.
// A page reads with useAsked("user.list", {}), changes with app.administration.give(command, args), keeps unsaved changes
// with useForm(key), and begins with <PageHead> (admin/parts.tsx). What is open on it stands in the address it was given:
// open another by app.open({ page: "admin", adminPage: id, subjectId }).

/** A heading of the side list; named in "adminSections". */
export type AdminSection = "configuration" | "rights" | "check";

export const sections: AdminSection[] = ["configuration", "rights", "check"];

export interface AdminPageProps {
  /** What is open on the page, for example a user's id. */
  subjectId: string | undefined;
}

type PageID = keyof (typeof texts)["adminPages"];

export interface AdminPage {
  id: PageID;
  section: AdminSection;
  icon: TablerIcon;
  /** In the catalogue. */
  titleKey: `adminPages.${PageID}.title`;
  /** In the catalogue: further words that Quick Find finds the page by. */
  wordsKey: `adminPages.${PageID}.words`;
  component: LazyExoticComponent<ComponentType<AdminPageProps>>;
  /** Whether one may be there; people who are not administrators may be given some (SET-3). */
  open: (world: World) => boolean;
}

const delegable: Partial<Record<PageID, (world: World) => boolean>> = {
  agents: maySeeSetup,
  templates: mayKeepTemplates,
  permissionSets: maySeeSetup,
  licenses: maySeeSetup,
};

type Load = () => Promise<{ default: ComponentType<AdminPageProps> }>;

function page(section: AdminSection, id: PageID, icon: TablerIcon, load: Load): AdminPage {
  return {
    id,
    section,
    icon,
    titleKey: `adminPages.${id}.title`,
    wordsKey: `adminPages.${id}.words`,
    component: lazy(load),
    open: delegable[id] ?? mayConfigureAll,
  };
}

export const pages: AdminPage[] = [
  page("configuration", "agents", IconUsersGroup, () => import("./agents/AgentsPage")),
  page("configuration", "agentFeatures", IconAdjustments, () => import("./features/AgentFeatures")),
  page("configuration", "templates", IconTemplate, () => import("./templates/TemplatesPage")),
  page("configuration", "monitoring", IconEye, () => import("./monitoring/MonitoringRules")),
  page("rights", "permissionSets", IconShieldLock, () => import("./sets/SetsPage")),
  page("rights", "licenses", IconLicense, () => import("./sets/LicensesPage")),
  page("rights", "requests", IconInbox, () => import("./why/RequestsPage")),
  page("check", "explain", IconHelpCircle, () => import("./why/ExplainPage")),
  page("check", "health", IconHeartRateMonitor, () => import("./why/HealthPage")),
  page("check", "audit", IconHistory, () => import("./audit/AuditPage")),
];

/** The pages that Quick Find finds for somebody, in their order. */
export function findPages(t: TFunction, query: string, world: World): AdminPage[] {
  return pages.filter(
    (p) => p.open(world) && matches(query, t(p.titleKey), t(p.wordsKey), t(`adminSections.${p.section}`)),
  );
}
