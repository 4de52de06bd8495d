import type {
  Can,
  ConversationState,
  Message,
  Presence,
  Role,
  SessionInfo,
  Snapshot,
  User,
} from "../src/protocol";

// A small made-up contact centre for screens and tests. All people are invented.

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A fixed moment, so that screens look alike: Friday 20 November 2026, 10:16 UTC. */
export const NOW = Date.UTC(2026, 10, 20, 10, 16);

const person = (
  id: string,
  displayName: string,
  role: Role,
  title: string,
  teamIds: string[] = [],
): User => ({
  id,
  displayName,
  role,
  title,
  teamIds,
  active: true,
});

export const people: User[] = [
  person("mira", "Mira Castellar", "agent", "Deliveries", ["deliveries"]),
  person("ana", "Ana Novik", "agent", "Deliveries, mornings", ["deliveries"]),
  person("pia", "Pia Manderley", "agent", "Claims", ["deliveries", "claims"]),
  person("jonas", "Jonas Veldt", "agent", "Deliveries", ["deliveries"]),
  person("bram", "Bram Oosterveen", "agent", "Deliveries, late shift", ["deliveries"]),
  person("sigrun", "Sigrun Halloway", "supervisor", "Deliveries and claims", ["deliveries", "claims"]),
  person("tove", "Tove Almgard", "administrator", "Systems"),
  person("liam", "Liam Draycote", "expert", "Furniture, quality"),
  person("elin", "Elin Marchetta", "expert", "Glass and mirrors"),
  person("amparo", "Amparo Quillen", "expert", "Electrics, Lisbon workshop"),
  person("birger", "Birger Holmdal", "expert", "Furniture, returns"),
  person("farid", "Farid Talesh", "expert", "Customs and import"),
  person("noemi", "Noemi Garrault", "expert", "Invoices"),
  person("stellan", "Stellan Vance", "expert", "Lifts and ramps"),
  person("winnie", "Winnie Yarrow", "expert", "Spare parts"),
];

const direct = (a: string, b: string) => (a < b ? `d.${a}.${b}` : `d.${b}.${a}`);

type Line = [author: string, minutesAgo: number, text: string, document?: Message["document"]];

function talk(
  me: string,
  other: string,
  lines: Line[],
  options: { unread?: number; earlier?: number; draft?: string } = {},
): ConversationState {
  const id = direct(me, other);
  const earlier = options.earlier ?? 0;
  const tail = lines.map<Message>(([authorId, minutesAgo, text, document], i) => ({
    id: `${id}-${i}`,
    conversationId: id,
    n: earlier + i + 1,
    authorId,
    at: NOW - minutesAgo * MINUTE,
    text,
    ...(document ? { document } : {}),
  }));
  const lastN = earlier + tail.length;
  return {
    conversation: { id, kind: "direct", participants: [me, other].sort(), createdAt: NOW - 12 * DAY },
    lastN,
    readN: lastN - (options.unread ?? 0),
    tail,
    more: earlier > 0,
    ...(options.draft ? { draft: { conversationId: id, text: options.draft, at: NOW - 18 * MINUTE } } : {}),
  };
}

const rich: Message["document"] = {
  type: "doc",
  content: [
    {
      type: "blockquote",
      content: [
        { type: "paragraph", content: [{ type: "text", text: "The box looked fine, so I signed for it." }] },
      ],
    },
    {
      type: "paragraph",
      content: [
        { type: "text", text: "That does not matter: damage inside can be reported for " },
        { type: "text", text: "14 days", marks: [{ type: "bold" }] },
        { type: "text", text: ". The steps:" },
      ],
    },
    {
      type: "orderedList",
      content: ["Photo of the label", "Claim form on the intranet"].map((text, i) => ({
        type: "listItem",
        content: [
          {
            type: "paragraph",
            content: [
              i
                ? {
                    type: "text",
                    text,
                    marks: [{ type: "link", attrs: { href: "https://intranet.harbourvale.example/claims" } }],
                  }
                : { type: "text", text },
            ],
          },
        ],
      })),
    },
  ],
};

const no = (gate: Can["gate"], rule: Can["rule"]): Can => ({ allowed: false, gate, rule });
const reply: Can = {
  allowed: true,
  untilAt: NOW + 7 * DAY - 7 * MINUTE,
  thenGate: "personal",
  thenRule: "personal.startNotIncluded",
};

const presence = (
  userId: string,
  availability: Presence["availability"],
  rule: Presence["rule"],
  minutes: number,
  more: Partial<Presence> = {},
): Presence => ({
  userId,
  availability,
  rule,
  sinceAt: NOW - minutes * MINUTE,
  device: "desktop",
  ...more,
});

/** What Mira, an agent, is told: she may start with agents and supervisors, and answer experts who wrote. */
export function miraSnapshot(): Snapshot {
  const me = people[0] as User;
  const conversations = [
    talk(
      me.id,
      "ana",
      [
        ["ana", 65, "Morning! Van 7 is stuck at the depot, the tail lift again."],
        ["ana", 64, "Do you have anything on it for before noon?"],
        [
          "mira",
          62,
          "Two stops: Brightwater and the clinic. Renata’s cabinet door came cracked, so hers is a claim as well.",
        ],
        ["ana", 61, "The box looked fine, so I signed for it."],
        ["mira", 59, "", rich],
        ["ana", 14, "Depot says van 7 is back at three."],
        [
          "ana",
          13,
          "Shall I tell the clinic, or do you? See https://routes.harbourvale.example/van-7 for the new times.",
        ],
      ],
      { unread: 2, earlier: 240 },
    ),
    talk(me.id, "liam", [
      ["liam", 26, "Batch 88 had soft corners. If it is from that week, send a new door without asking."],
      ["mira", 12, "Thank you. Does the glass carry a batch number?"],
    ]),
    talk(me.id, "pia", [
      ["pia", 40, "Can you take over 20418?"],
      ["mira", 36, "Yours now, notes are on the ticket"],
    ]),
    talk(me.id, "sigrun", [["sigrun", 90, "Well done on the Oakmere call."]], {
      draft: "Thank you! About Sunday slots:",
    }),
    talk(me.id, "elin", [
      ["elin", 2 * 1440 + 30, "Send me a photo of the corner"],
      ["mira", 2 * 1440 + 10, "Lower left corner, next to the hinge"],
    ]),
    talk(me.id, "jonas", [["jonas", 2 * 1440 + 60, "Back on Monday, Pia has my list"]]),
    talk(me.id, "tove", [["tove", 3 * 1440, "Your Start now covers agents and supervisors."]]),
    talk(me.id, "winnie", [["winnie", 11 * 1440, "Hinges are back in stock"]]),
  ];
  const start = Object.fromEntries(
    people
      .filter((u) => u.id !== me.id)
      .map((u): [string, Can] => [
        u.id,
        u.role === "agent" || u.role === "supervisor"
          ? { allowed: true }
          : no("personal", "personal.startNotIncluded"),
      ]),
  );
  const post = Object.fromEntries(
    conversations.map((c): [string, Can] => {
      const other = c.conversation.participants.find((p) => p !== me.id) ?? "";
      const may = start[other]?.allowed ?? false;
      if (may) return [c.conversation.id, { allowed: true }];
      return [c.conversation.id, other === "winnie" ? no("personal", "personal.startNotIncluded") : reply];
    }),
  );
  return {
    me: {
      user: me,
      name: "mira",
      group: { id: "north", name: "North" },
      settings: { replies: true, start: true, scope: "roles", targets: ["agent", "supervisor"] },
      status: { state: "available", reason: "", at: NOW - 104 * MINUTE },
    },
    organisation: {
      name: "Harbourvale",
      messaging: true,
      mode: "everyone",
      replyWindowMs: 7 * DAY,
      revision: 1,
    },
    teams: [
      { id: "deliveries", name: "Deliveries" },
      { id: "claims", name: "Claims" },
    ],
    people,
    conversations,
    rights: { start, post },
    templates: [],
    presence: [
      presence("ana", "online", "signedIn", 130),
      presence("liam", "away", "break", 12, { reason: "Coffee" }),
      presence("pia", "busy", "wrapUp", 3),
      presence("sigrun", "online", "signedIn", 200, { device: "browser" }),
      presence("tove", "online", "signedIn", 60),
      presence("elin", "busy", "workingOffline", 44),
      presence("amparo", "online", "signedIn", 20, { device: "phone" }),
      presence("farid", "online", "signedIn", 20),
      presence("noemi", "online", "signedIn", 20),
      presence("winnie", "online", "signedIn", 20),
    ],
  };
}

/** What Liam, an expert, is told: plain text, and everybody within reach. */
export function liamSnapshot(): Snapshot {
  const snapshot = miraSnapshot();
  const me = people.find((u) => u.id === "liam") as User;
  const conversations = [
    talk(
      me.id,
      "mira",
      [
        ["mira", 13, "Liam, another cracked cabinet door. Customer signed for the box."],
        ["liam", 12, "Same crack as last week. Batch 88?"],
        ["mira", 2, "Asking her now. Where is it printed?"],
        ["mira", 1, "Does the glass carry a batch number?"],
      ],
      { unread: 2 },
    ),
    talk(me.id, "ana", [["liam", 29, "Send a new door, no return needed"]]),
    talk(me.id, "pia", [["pia", 46, "Photos of the hinge are on the ticket"]]),
    talk(me.id, "jonas", [["liam", 2 * 1440, "New hinges go out with your van"]]),
    talk(me.id, "sigrun", [["sigrun", 3 * 1440, "Thank you for the quick turn"]]),
  ];
  const can = (ids: string[]) => Object.fromEntries(ids.map((id): [string, Can] => [id, { allowed: true }]));
  return {
    ...snapshot,
    me: {
      ...snapshot.me,
      user: me,
      name: "liam",
      settings: { replies: true, start: true, scope: "everyone", targets: [] },
      status: { state: "break", reason: "Coffee", at: NOW - 12 * MINUTE },
    },
    conversations,
    rights: {
      start: can(people.filter((u) => u.id !== me.id).map((u) => u.id)),
      post: can(conversations.map((c) => c.conversation.id)),
    },
    presence: [...snapshot.presence, presence("mira", "busy", "workingOffline", 14)],
  };
}

/** Where somebody is signed in: at this page, at a desktop, and once on a phone. */
export function threeSessions(now = NOW): SessionInfo[] {
  const session = (
    id: string,
    deviceKind: SessionInfo["deviceKind"],
    deviceName: string,
    minutes: number,
  ) => ({
    id,
    deviceKind,
    deviceName,
    createdAt: now - minutes * MINUTE,
    lastSeenAt: now - (minutes * MINUTE) / 3,
    live: false,
    current: false,
  });
  return [
    { ...session("s1", "browser", "Chrome on Linux", 42), lastSeenAt: now, live: true, current: true },
    { ...session("s2", "desktop", "Workstation 4, second floor", 3 * 1440), lastSeenAt: now, live: true },
    session("s3", "phone", "Firefox on Android", 9 * 1440),
  ];
}
