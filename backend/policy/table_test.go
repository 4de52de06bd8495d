package policy_test

import (
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/policy"
)

// decisionTable is SPEC section 1 a second time, for comparison with May: a row of it says which acts it is about, under which
// conditions, and what is answered then: "yes", or the rule that refuses, its gate before the dot. The first row that fits is
// the answer. A condition with "!" before it must not hold; "+manageUsers" is that permission, in force. The gates of an act stand
// in their order. ADMINISTRATION, CUSTOMERS and OBJECTS are the acts of SPEC 1.2: of administration, on messages with customers, and
// on messaging sessions and messaging users.
const decisionTable = `
# acts                          conditions                                        answer
*                               !active                                           account.inactive
connect own                     -                                                 yes

# EXP-20: a wall between agents of different groups
see                             !other                                            wall.unknown
see                             walled                                            wall.group
see                             -                                                 yes

# EXP-18, EXP-19: in rooms membership decides, and no agent is in one
post join setTopic moderate     room !on                                          switch.off
deliver read post join setTopic moderate  room agent                              grant.directOnly
join                            room !member !public                              place.notParticipant
join                            room                                              yes
deliver read post setTopic moderate  room !member                                 place.notParticipant
moderate                        room !owner                                       place.notOwner
setTopic                        room ownersOnly !owner                            place.notOwner
deliver read post setTopic moderate  room                                         yes
find                            agent                                             grant.directOnly
find                            -                                                 yes
gather                          !on                                               switch.off
gather                          starters !administrator                           switch.adminsStart
gather                          agent                                             grant.directOnly
gather                          !start                                            personal.startOff
gather                          -                                                 yes
invite                          other !otherActive                                account.otherInactive
invite                          !on                                               switch.off
invite                          starters !administrator                           switch.adminsStart
invite                          !other                                            wall.unknown
invite                          walled                                            wall.group
invite                          agent                                             grant.directOnly
invite                          otherAgent                                        grant.directOnly
invite                          !start                                            personal.startOff
invite                          !covered                                          personal.startNotIncluded
invite                          !member                                           place.notParticipant
invite                          ownersOnly !owner                                 place.notOwner
invite                          -                                                 yes

# IM-2, IM-12: history stays readable, and is delivered, whatever may be written
deliver read                    !room !other                                      wall.unknown
deliver read                    !room walled                                      wall.group
deliver read                    !room !member                                     place.notParticipant
deliver read                    !room                                             yes

# SPEC 1.1: writing to one other user
post reply start                !room other !otherActive                          account.otherInactive
post reply start                !room !on                                         switch.off
post reply start                !room other superiors agent !otherSuperior        switch.superiorsOnly
post reply start                !room other superiors otherAgent !superior        switch.superiorsOnly
post reply start                !room starters !administrator !answer             switch.adminsStart
post reply start                !room !other                                      wall.unknown
post reply start                !room walled                                      wall.group
post reply start                !room self                                        wall.unknown
reply                           !room answer !replies                             personal.repliesOff
post                            !room answer !replies !start                      personal.repliesOff
post                            !room answer !replies !covered                    personal.repliesOff
post                            !room answer !replies starters !administrator     personal.repliesOff
post reply start                !room !answer !start                              personal.startOff
post reply start                !room !answer !covered                            personal.startNotIncluded
post reply                      !room !member                                     place.notParticipant
post reply start                !room                                             yes

# EXP-17: a rule of the agent's group names supervisors, for reading and for following apart; rooms are named nowhere
transcript                      !room supervisor named                            yes
monitor                         !room supervisor namedLive                        yes

# IM-7, IM-9
configure                       !room !administrator                              grant.notAdministrator
configure                       !room other otherAdministrator                    grant.administratorFixed
configure                       !room                                             yes

# SET-3, SET-20, SET-21: administration that sets grant. Nobody reaches over the wall
ADMINISTRATION                  !room walled                                      wall.group
viewSetup  !room !+viewSetup !+manageUsers !+manageInternalUsers !+managePermissionSets !+assignPermissionSets  grant.none
manageUsers                     !room !+manageUsers                               grant.none
editUsers                       !room !+manageInternalUsers                       grant.none
manageSets                      !room !+managePermissionSets                      grant.none
assignSets                      !room !+assignPermissionSets                      grant.none
configureMessaging configureChannels  !room !+configureMessaging  grant.none
configureChannels               !room !+customizeApplication                      grant.none
configureChannels               !room !+manageAuthProviders                       grant.none
configureChannels               !room !+viewSetup                                 grant.none
configureChannels               !room !+modifyAllData                             grant.none

# SET-23: nobody but an administrator reaches whoever has more than they have, or gives it
ADMINISTRATION                  !room !administrator otherMightier                grant.beyondOwn
ADMINISTRATION                  !room !administrator giftRoleAbove                grant.beyondOwn
ADMINISTRATION                  !room !administrator giftBeyond                   grant.beyondOwn
ADMINISTRATION                  !room agent giftGroup                             grant.beyondOwn
ADMINISTRATION                  !room !administrator giftMakes                    grant.beyondOwn
ADMINISTRATION                  !room !administrator giftWatch                    grant.beyondOwn
ADMINISTRATION                  !room                                             yes

# SET-4: messages with customers need the license, then SET-13..18 the permission
CUSTOMERS                       !room !licensed                                   license.none
supervise                       !room !superior                                   grant.none
engage                          !room !+messagingAgent                            grant.none
initiate                        !room !+initiateSessions                          grant.none
initialSms                      !room !+sendInitialSms                            grant.none
readEntries                     !room !+accessEntries                             grant.none
runFlow                         !room !+runFlows                                  grant.none
useMobile                       !room !+messageOnMobile                           grant.none
CUSTOMERS                       !room                                             yes

# SET-11, SET-12: none, one's own, those of one's team or queue, view all, edit
OBJECTS                         !licensed                                         license.none
OBJECTS                         !some                                             grant.none
OBJECTS                         mine                                              yes
seeSession seeContact           all                                               yes
seeSession seeContact           ours shared                                       yes
editSession editContact         edit                                              yes
editSession editContact         all                                               grant.none
editSession editContact         ours shared                                       grant.none
OBJECTS                         -                                                 place.notParticipant

*                               -                                                 grant.none
`

// silenceTable says which refusals are told as "unknown", in the same form: what the asker may not know of is answered like
// what is not there. "@rule" holds for the rule that refused.
const silenceTable = `
# acts                                       conditions              answer
*                                            @account.inactive        told
*                                            @wall.unknown                silent
*                                            @wall.group                   silent
*                                            @place.notParticipant         silent
post reply start                             !room !other            silent
post reply start                             !room walled            silent
invite                                       !other                  silent
invite                                       walled                  silent
invite                                       !member                 silent
deliver read post setTopic moderate          room !member            silent
join                                         room !member agent      silent
join                                         room !member !public    silent
find                                         agent                   silent
ADMINISTRATION CUSTOMERS                     @grant.none !room       told
OBJECTS                                      @license.none           silent
OBJECTS                                      @grant.none !seen       silent
OBJECTS                                      @grant.none             told
*                                            @grant.none !room       silent
*                                            @grant.none !member     silent
*                                            -                       told
`

// tableRow is one row of a table.
type tableRow struct {
	acts, conditions []string
	answer           string
}

var verdictRows, silenceRows = parseTable(decisionTable), parseTable(silenceTable)

// actGroups are the acts that have one name in the tables.
var actGroups = map[string][]string{"ADMINISTRATION": actNames(administrative), "CUSTOMERS": actNames(onCustomers[:7]), "OBJECTS": actNames(onCustomers[7:])}

func actNames(of []chat.Act) []string {
	names := make([]string, len(of))
	for i, act := range of {
		names[i] = string(act)
	}
	return names
}

// parseTable reads a table, of which the columns are separated by two spaces or more.
func parseTable(text string) []tableRow {
	var rows []tableRow
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		var columns []string
		for _, c := range strings.Split(line, "  ") {
			if c = strings.TrimSpace(c); c != "" {
				columns = append(columns, c)
			}
		}
		row := tableRow{conditions: strings.Fields(columns[1]), answer: columns[2]}
		for _, act := range strings.Fields(columns[0]) {
			if group, ok := actGroups[act]; ok {
				row.acts = append(row.acts, group...)
			} else {
				row.acts = append(row.acts, act)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// look returns the answer of the first row that fits act and what holds. It panics at a condition that nobody has defined.
func look(rows []tableRow, act chat.Act, holds map[string]bool) string {
next:
	for _, r := range rows {
		if r.acts[0] != "*" && !slices.Contains(r.acts, string(act)) {
			continue
		}
		for _, c := range r.conditions {
			name, not := strings.CutPrefix(c, "!")
			value, defined := holds[name]
			if c != "-" && !defined && name[0] != '@' && name[0] != '+' {
				panic("no condition of " + string(act) + " is called " + name)
			}
			if c != "-" && value == not {
				continue next
			}
		}
		return r.answer
	}
	panic("no row fits")
}

// conditions returns what holds of an act on facts.
func conditions(act chat.Act, f scene) map[string]bool {
	a, o := f.Actor, f.Other
	s := a.Settings
	holds := map[string]bool{
		"active":        a.Active,
		"agent":         a.Role == chat.RoleAgent,
		"administrator": a.Role == chat.RoleAdministrator,
		"superior":      a.Role == chat.RoleSupervisor || a.Role == chat.RoleAdministrator,
		"replies":       s.Replies,
		"start":         s.Start,
		"on":            f.Organisation.Messaging,
		"superiors":     f.Organisation.Mode == chat.ModeSuperiorsOnly,
		"starters":      f.Organisation.Mode != chat.ModeEveryone && f.Organisation.Mode != chat.ModeSuperiorsOnly,
		"answer":        act != chat.ActStart && f.OtherWroteAt > 0 && f.Now-f.OtherWroteAt < f.Organisation.ReplyWindowMs,
		"member":        f.Participant,
		"room":          f.Room,
		"public":        f.Public,
		"owner":         f.Owner,
		"ownersOnly":    f.OwnersOnly,
		"other":         o != nil,
		"supervisor":    a.Role == chat.RoleSupervisor,
		"named":         watchedByRule(f.Facts, func(w policy.Watchers) map[chat.UserID]struct{} { return w.Transcripts }),
		"namedLive":     watchedByRule(f.Facts, func(w policy.Watchers) map[chat.UserID]struct{} { return w.Live }),
		"covered":       o != nil && s.Scope == chat.StartEveryone,
	}
	holdsByRights(holds, act, f)
	for _, name := range []string{"otherActive", "otherAgent", "otherSuperior", "otherAdministrator", "walled", "self"} {
		holds[name] = false
	}
	if o == nil {
		return holds
	}
	holds["otherActive"] = o.Active
	holds["otherAgent"] = o.Role == chat.RoleAgent
	holds["otherAdministrator"] = o.Role == chat.RoleAdministrator
	holds["otherSuperior"] = o.Role == chat.RoleAdministrator || o.Role == chat.RoleSupervisor
	holds["self"] = a.ID == o.ID
	holds["walled"] = holds["agent"] && holds["otherAgent"] && !holds["self"] && (a.GroupID == "" || a.GroupID != o.GroupID)
	switch s.Scope {
	case chat.StartUsers:
		holds["covered"] = slices.Contains(s.Targets, string(o.ID))
	case chat.StartRoles:
		holds["covered"] = slices.Contains(s.Targets, string(o.Role))
	case chat.StartTeams:
		holds["covered"] = slices.ContainsFunc(o.TeamIDs, func(t chat.TeamID) bool { return slices.Contains(s.Targets, string(t)) })
	}
	return holds
}

// mayReach lists the roles whose accounts a role may touch (SET-23): none that may do by itself what the role may not.
var mayReach = map[chat.Role][]chat.Role{
	chat.RoleAgent:         {chat.RoleAgent},
	chat.RoleExpert:        {chat.RoleAgent, chat.RoleExpert},
	chat.RoleSupervisor:    {chat.RoleAgent, chat.RoleExpert, chat.RoleSupervisor},
	chat.RoleAdministrator: chat.Roles,
}

// holdsByRights adds what holds by license and sets, and of what the act would give.
func holdsByRights(holds map[string]bool, act chat.Act, f scene) {
	if !slices.Contains(administrative, act) && !slices.Contains(onCustomers, act) {
		return
	}
	has := f.actor.words(f.Actor.Role)
	for _, p := range wholeSet.Permissions {
		holds["+"+string(p)] = has["may."+string(p)]
	}
	objects := "sessions."
	if act == chat.ActSeeContact || act == chat.ActEditContact {
		objects = "contacts."
	}
	for name, step := range map[string]chat.ObjectAccess{"some": chat.AccessOwn, "shared": chat.AccessShared, "all": chat.AccessViewAll, "edit": chat.AccessEdit} {
		holds[name] = has[objects+string(step)]
	}
	holds["licensed"] = has["license"]
	holds["mine"], holds["ours"] = f.Relation == policy.RelationOwn, f.Relation == policy.RelationShared
	holds["seen"] = holds["some"] && (holds["mine"] || holds["all"] || holds["ours"] && holds["shared"])
	if act == chat.ActManageUsers { // a license alone grants nothing: who assigns them needs none
		has["license"] = true
	}
	holds["otherMightier"] = f.Other != nil && (!slices.Contains(mayReach[f.Actor.Role], f.Other.Role) ||
		!contains(has, without(f.other.words(f.Other.Role), "status.")))
	holds["giftRoleAbove"] = f.Gift.Role != "" && !slices.Contains(mayReach[f.Actor.Role], f.Gift.Role)
	holds["giftBeyond"] = !contains(has, f.gift.given())
	holds["giftGroup"], holds["giftMakes"], holds["giftWatch"] = f.Gift.Group, f.Gift.Makes, f.Gift.Watch
}

// watchedByRule tells whether one of two others is an agent of whose group a rule names the actor.
func watchedByRule(f policy.Facts, list func(policy.Watchers) map[chat.UserID]struct{}) bool {
	named := false
	for _, p := range f.Watched.Pair {
		if p == nil || p.ID == f.Actor.ID {
			return false
		}
		_, in := list(f.Watched.Monitoring[p.GroupID])[f.Actor.ID]
		named = named || in && p.Role == chat.RoleAgent && p.GroupID != ""
	}
	return named
}

// byTable decides by the tables: "yes", or the rule and "silent" or "told".
func byTable(act chat.Act, f scene) string {
	holds := conditions(act, f)
	answer := look(verdictRows, act, holds)
	if answer == "yes" {
		return answer
	}
	holds["@"+answer] = true
	return answer + " " + look(silenceRows, act, holds)
}
