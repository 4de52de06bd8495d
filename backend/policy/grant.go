package policy

import (
	"math/bits"

	"parley/backend/chat"
)

// Rights are what permission sets and a license give, as a set of bits: a union is an or. An access to objects has a bit for
// each step up to it, so the union of two is the higher. The zero value grants nothing.
type Rights uint64

const (
	permissionBits = 15 // those of chat.AppPermissions, then those of chat.AdminPermissions
	accessBits     = 4
	statusBits     = 4

	firstSession = permissionBits
	firstContact = firstSession + accessBits
	firstStatus  = firstContact + accessBits
	firstLicense = firstStatus + statusBits

	// licensed is set for who holds the license of the organisation's edition.
	licensed Rights = 1 << firstLicense
	// statuses are all presence statuses.
	statuses Rights = (1<<statusBits - 1) << firstStatus
	// everything is what administrators have: all but a license.
	everything Rights = licensed - 1
)

// The permissions by their place, so that the hot path compares no strings.
var (
	appAgent         = bitOf(chat.PermissionMessagingAgent)
	appInitiate      = bitOf(chat.PermissionInitiateSessions)
	appEntries       = bitOf(chat.PermissionAccessEntries)
	appFlows         = bitOf(chat.PermissionRunFlows)
	appMobile        = bitOf(chat.PermissionMessageOnMobile)
	appSMS           = bitOf(chat.PermissionSendInitialSMS)
	appConfigure     = bitOf(chat.PermissionConfigureMessaging)
	adminUsers       = bitOf(chat.PermissionManageUsers)
	adminAccounts    = bitOf(chat.PermissionManageInternalUsers)
	adminSets        = bitOf(chat.PermissionManagePermissionSets)
	adminAssign      = bitOf(chat.PermissionAssignPermissionSets)
	adminView        = bitOf(chat.PermissionViewSetup)
	configureChannel = appConfigure | bitOf(chat.PermissionCustomizeApplication) | bitOf(chat.PermissionManageAuthProviders) | adminView |
		bitOf(chat.PermissionModifyAllData)
)

// bitOf returns the bit of a permission; none for one nobody has heard of.
func bitOf(p chat.Permission) Rights {
	for i, known := range chat.AppPermissions {
		if p == known {
			return 1 << i
		}
	}
	for i, known := range chat.AdminPermissions {
		if p == known {
			return 1 << (len(chat.AppPermissions) + i)
		}
	}
	return 0
}

// upTo returns the bits of an access, from the first bit of its kind of object on.
func upTo(access chat.ObjectAccess, first int) Rights {
	for i, known := range chat.ObjectAccesses {
		if access == known {
			return (1<<i - 1) << first
		}
	}
	return 0
}

func statusBit(state chat.WorkState) Rights {
	for i, known := range chat.WorkStates {
		if state == known {
			return 1 << (firstStatus + i)
		}
	}
	return 0
}

// RightsOf returns what one set grants, no matter to whom.
func RightsOf(set *chat.PermissionSet) Rights {
	r := upTo(set.Sessions, firstSession) | upTo(set.Contacts, firstContact)
	for _, p := range set.Permissions {
		r |= bitOf(p)
	}
	for _, s := range set.Statuses {
		r |= statusBit(s)
	}
	return r
}

// Holding returns the union of what a license and sets give in an edition (SET-24). A set tied to a license counts for its
// holders only (SET-9), and only the edition's own license counts (SET-4). Who has no set that names presence statuses may
// choose all (SET-10).
func Holding(edition chat.Edition, license chat.License, sets []*chat.PermissionSet) Rights {
	var r Rights
	if license != "" && license == edition.License() {
		r |= licensed
	}
	for _, s := range sets {
		if s.License == "" || s.License == license && r&licensed != 0 {
			r |= RightsOf(s)
		}
	}
	if r&statuses == 0 {
		r |= statuses
	}
	return r
}

// With returns the person with these rights. An administrator has all but the license, whatever is given (SPEC 1.1).
func (p *Person) With(r Rights) *Person {
	next := *p
	next.rights = r
	if p.rank == rankAdministrator {
		next.rights |= everything
	}
	return &next
}

// Rights returns what the person's sets, license and role give.
func (p *Person) Rights() Rights { return p.rights }

// customerRights are those that give nothing without a license (SET-4).
var customerRights = appAgent | appInitiate | appEntries | appFlows | appMobile | appSMS |
	(1<<accessBits-1)<<firstSession | (1<<accessBits-1)<<firstContact

// Count returns how many rights they are.
func (r Rights) Count() int { return bits.OnesCount64(uint64(r)) }

// NeedLicense tells whether some of them give nothing to who holds no license.
func (r Rights) NeedLicense() bool { return r&customerRights != 0 }

// Licensed tells whether the license of the edition is among them.
func (r Rights) Licensed() bool { return r&licensed != 0 }

// Permissions lists the permissions among them, in the order of their lists.
func (r Rights) Permissions() []chat.Permission {
	list := []chat.Permission{}
	for _, all := range [][]chat.Permission{chat.AppPermissions, chat.AdminPermissions} {
		for _, p := range all {
			if r&bitOf(p) != 0 {
				list = append(list, p)
			}
		}
	}
	return list
}

// Statuses lists the presence statuses among them.
func (r Rights) Statuses() []chat.WorkState {
	list := []chat.WorkState{}
	for _, s := range chat.WorkStates {
		if r&statusBit(s) != 0 {
			list = append(list, s)
		}
	}
	return list
}

// Declare decides on choosing a presence status (SET-10). What somebody chose before it was taken from them stays.
func Declare(p *Person, state chat.WorkState) Decision {
	if p.rights&statusBit(state) == 0 {
		return refuse(chat.ActOwn, chat.GateGrant, chat.RuleStatusNotAllowed)
	}
	return allow(chat.ActOwn)
}

// Relation is how a messaging session or messaging user stands to the actor.
type Relation uint8

// The relations. The zero value is the farthest.
const (
	RelationForeign Relation = iota
	RelationShared           // of a team or queue of the actor's
	RelationOwn
)

// Gift is what an act of administration would give to a user, or to the holders of a set. The zero value gives nothing.
type Gift struct {
	Rights Rights
	// Role is a role it gives; empty for none.
	Role chat.Role
	// Group is true if it puts somebody into another group than the actor's.
	Group bool
	// Makes is true if it makes a group or a team, or uses one that the actor may not know of: to them that is the same.
	Makes bool
	// Watch is true if by it the actor could read or follow conversations that they may not watch now.
	Watch bool
}

// demand is what an act needs of the gates license and grant.
type demand struct {
	any     Rights // one of these
	all     Rights // all of these
	license bool
}

// demandOf returns what an act of administration, or on messages with customers, needs.
func demandOf(act chat.Act) (d demand, known bool) {
	switch act {
	case chat.ActViewSetup:
		return demand{any: adminView | adminUsers | adminAccounts | adminSets | adminAssign}, true
	case chat.ActManageUsers:
		return demand{any: adminUsers}, true
	case chat.ActEditUsers:
		return demand{any: adminAccounts}, true
	case chat.ActManageSets:
		return demand{any: adminSets}, true
	case chat.ActAssignSets:
		return demand{any: adminAssign}, true
	case chat.ActConfigureMessaging:
		return demand{any: appConfigure}, true
	case chat.ActConfigureChannels:
		return demand{all: configureChannel}, true
	case chat.ActEngage:
		return demand{any: appAgent, license: true}, true
	case chat.ActInitiate:
		return demand{any: appInitiate, license: true}, true
	case chat.ActInitialSMS:
		return demand{any: appSMS, license: true}, true
	case chat.ActReadEntries:
		return demand{any: appEntries, license: true}, true
	case chat.ActRunFlow:
		return demand{any: appFlows, license: true}, true
	case chat.ActUseMobile:
		return demand{any: appMobile, license: true}, true
	case chat.ActSupervise:
		return demand{license: true}, true
	}
	return demand{}, false
}

// granted decides on an act that rights are for: the wall, the license, the grant (SPEC 1.2).
func granted(act chat.Act, d demand, f Facts) Decision {
	if f.Other != nil && wall(f) != "" {
		return hide(act, chat.GateWall, wall(f))
	}
	has := f.Actor.rights
	switch {
	case d.license && has&licensed == 0:
		return refuse(act, chat.GateLicense, chat.RuleNoLicense)
	case d.any != 0 && has&d.any == 0, has&d.all != d.all, act == chat.ActSupervise && !f.Actor.rank.superior():
		return refuse(act, chat.GateGrant, chat.RuleNoGrant)
	case beyond(act, f):
		return refuse(act, chat.GateGrant, chat.RuleBeyondOwn)
	}
	return allow(act)
}

// beyond tells whether the act concerns somebody with more rights than the actor, or gives some that the actor lacks (SET-23).
// Administrators are bound by neither. Whoever assigns licenses needs none: a license alone grants nothing.
// Presence statuses make nobody mightier: somebody may be edited who may choose more of them.
func beyond(act chat.Act, f Facts) bool {
	a := f.Actor
	if a.rank == rankAdministrator {
		return false
	}
	has := a.rights
	if act == chat.ActManageUsers {
		has |= licensed
	}
	switch {
	case f.Other != nil && (!a.rank.covers(f.Other.rank) || f.Other.rights&^(has|statuses) != 0):
		return true
	case f.Gift.Role != "" && !a.rank.covers(rankOf(f.Gift.Role)):
		return true
	case f.Gift.Group && a.rank == rankAgent:
		return true // the wall: who stands behind it lets nobody through
	case f.Gift.Makes, f.Gift.Watch:
		return true // groups, teams and rules of monitoring are made by who configures
	}
	return f.Gift.Rights&^has != 0
}

// covers tells whether the role r may do all that o may by its role.
func (r rank) covers(o rank) bool {
	return r == rankAdministrator || r == o || o == rankAgent || r == rankSupervisor && o == rankExpert
}

// onObject decides on seeing or editing a messaging session or messaging user (SET-11, SET-12). Everybody with access edits
// their own; to edit others' takes the access "edit".
func onObject(act chat.Act, f Facts, first int, edit bool) Decision {
	access := f.Actor.rights >> first & (1<<accessBits - 1)
	needed := Rights(1 << 2) // view all
	switch {
	case f.Relation == RelationOwn:
		needed = 1
	case edit:
		needed = 1 << 3
	case f.Relation == RelationShared:
		needed = 1 << 1
	}
	switch {
	case f.Actor.rights&licensed == 0:
		return hide(act, chat.GateLicense, chat.RuleNoLicense)
	case access == 0:
		return hide(act, chat.GateGrant, chat.RuleNoGrant)
	case access&needed != 0:
		return allow(act)
	case edit && (access&(1<<2) != 0 || f.Relation == RelationShared && access&(1<<1) != 0): // one may see it
		return refuse(act, chat.GateGrant, chat.RuleNoGrant)
	}
	return hide(act, chat.GatePlace, chat.RuleNotParticipant)
}
