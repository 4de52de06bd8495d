// What permission sets consist of, and how two of them differ, apart from how it is drawn.
import type {
  Edition,
  License,
  ObjectAccess,
  Permission,
  PermissionSet,
  UserRecord,
  WorkState,
} from "../../protocol";

/** In the order shown; a test of the server's keeps the same. */
export const appPermissions: Permission[] = [
  "messagingAgent",
  "initiateSessions",
  "accessEntries",
  "runFlows",
  "messageOnMobile",
  "sendInitialSms",
  "configureMessaging",
];
export const adminPermissions: Permission[] = [
  "manageUsers",
  "manageInternalUsers",
  "managePermissionSets",
  "assignPermissionSets",
  "customizeApplication",
  "manageAuthProviders",
  "viewSetup",
  "modifyAllData",
];
/** Those that are to be assigned one by one (SET-21). */
export const powerful: Permission[] = [
  "customizeApplication",
  "manageAuthProviders",
  "viewSetup",
  "modifyAllData",
];
/** Those about customers and their channels: they can be given, and nothing asks for them before there are customers. */
export const unused: ReadonlySet<Permission> = new Set<Permission>([
  "messagingAgent",
  "initiateSessions",
  "accessEntries",
  "runFlows",
  "messageOnMobile",
  "sendInitialSms",
  "customizeApplication",
  "manageAuthProviders",
  "modifyAllData",
]);
export const accesses: ObjectAccess[] = ["none", "own", "teamOrQueue", "viewAll", "edit"];
export const workStates: WorkState[] = ["available", "break", "workingOffline", "wrapUp"];
export const editions: Edition[] = ["standard", "contactCenter"];

/** The one license that counts in an edition (SET-4). */
export function licenseOf(edition: Edition): License {
  return edition === "standard" ? "messagingUser" : "messagingUnlimited";
}

/** What is edited of a set. */
export interface SetForm {
  label: string;
  apiName: string;
  license: License | "";
  permissions: Permission[];
  sessions: ObjectAccess;
  contacts: ObjectAccess;
  statuses: WorkState[];
}

export const emptySet: SetForm = {
  label: "",
  apiName: "",
  license: "",
  permissions: [],
  sessions: "none",
  contacts: "none",
  statuses: [],
};

export function formOf(set: PermissionSet): SetForm {
  const { label, apiName, license, permissions, sessions, contacts, statuses } = set;
  return { label, apiName, license: license ?? "", permissions, sessions, contacts, statuses };
}

/** The set that a form stands for; what a license takes out of it is left out (SET-9). */
export function setOf(form: SetForm, id: string, revision: number): PermissionSet {
  const { license, ...rest } = form;
  const permissions = license
    ? form.permissions.filter((p) => !appPermissions.includes(p))
    : form.permissions;
  return { ...rest, permissions, id, revision, ...(license && { license }) };
}

/** The API name that is filled in for a label, as the server does it (SET-8). */
export function apiNameOf(label: string): string {
  const words = label.split(/[^A-Za-z0-9]+/).filter(Boolean);
  if (words.length === 0) return "";
  const name = words.join("_");
  return (/^[0-9]/.test(name) ? `Set_${name}` : name).slice(0, 80).replace(/_+$/, "");
}

/** Whether the server takes an API name. */
export function validApiName(name: string): boolean {
  return name !== "" && apiNameOf(name) === name;
}

/** What stands in a row of the comparison of two sets. */
export interface Row {
  kind: "permission" | "sessions" | "contacts" | "status" | "license";
  id: string;
  left: string;
  right: string;
}

/** All that two sets say, row by row; `differs` tells those in which they differ. */
export function compared(a: PermissionSet, b: PermissionSet): Row[] {
  const has = (there: boolean) => (there ? "yes" : "no");
  return [
    { kind: "license", id: "license", left: a.license ?? "", right: b.license ?? "" },
    ...[...appPermissions, ...adminPermissions].map<Row>((p) => ({
      kind: "permission",
      id: p,
      left: has(a.permissions.includes(p)),
      right: has(b.permissions.includes(p)),
    })),
    { kind: "sessions", id: "sessions", left: a.sessions, right: b.sessions },
    { kind: "contacts", id: "contacts", left: a.contacts, right: b.contacts },
    ...workStates.map<Row>((s) => ({
      kind: "status",
      id: s,
      left: has(a.statuses.includes(s)),
      right: has(b.statuses.includes(s)),
    })),
  ];
}

export const differs = (row: Row) => row.left !== row.right;

/** What the sets grant, as far as two looks at them can be told apart. */
export function grantsOf(sets: PermissionSet[]): string[] {
  return sets.map((s) => `${s.id} ${s.revision}`);
}

/** Those of the sets that grant something else by now than when `grants` was taken. */
export function changedSince(grants: string[], sets: PermissionSet[]): PermissionSet[] {
  const then = new Set(grants);
  return sets.filter((s) => !then.has(`${s.id} ${s.revision}`));
}

/** The sets that all, and that only some, of the users have. */
export function enabledOf(users: UserRecord[]): { all: string[]; some: string[] } {
  const held = users.map((u) => new Set(u.setIds ?? []));
  const any = [...new Set(users.flatMap((u) => u.setIds ?? []))];
  const all = any.filter((id) => held.every((h) => h.has(id)));
  return { all, some: any.filter((id) => !all.includes(id)) };
}
