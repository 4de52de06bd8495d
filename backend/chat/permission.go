package chat

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Edition is what the organisation has bought. It says which license lets its users talk to customers (SET-4).
type Edition string

// The editions.
const (
	EditionStandard      Edition = "standard"
	EditionContactCenter Edition = "contactCenter"
)

// Editions lists all editions in the order in which they are shown.
var Editions = []Edition{EditionStandard, EditionContactCenter}

// License returns the one license that counts in the edition; "" for an edition nobody has heard of.
func (e Edition) License() License {
	switch e {
	case EditionStandard:
		return LicenseMessagingUser
	case EditionContactCenter:
		return LicenseMessagingUnlimited
	}
	return ""
}

// License is what a user needs to take part in, or to supervise, messages with customers on the channels of SET-1 and MSG-1
// (SET-4). Each user holds one or none (""). Messages between users need none.
type License string

// The licenses.
const (
	LicenseMessagingUser      License = "messagingUser"
	LicenseMessagingUnlimited License = "messagingUnlimited"
)

// Permission is one right that a permission set grants.
type Permission string

// The app permissions (SET-13..18, SET-20): what one may do with messages to customers.
const (
	PermissionMessagingAgent     Permission = "messagingAgent"
	PermissionInitiateSessions   Permission = "initiateSessions"
	PermissionAccessEntries      Permission = "accessEntries"
	PermissionRunFlows           Permission = "runFlows"
	PermissionMessageOnMobile    Permission = "messageOnMobile"
	PermissionSendInitialSMS     Permission = "sendInitialSms"
	PermissionConfigureMessaging Permission = "configureMessaging"
)

// The administration rights for people who are not administrators (SET-3, SET-21).
const (
	// PermissionManageUsers assigns licenses, PermissionManageInternalUsers edits accounts.
	PermissionManageUsers          Permission = "manageUsers"
	PermissionManageInternalUsers  Permission = "manageInternalUsers"
	PermissionManagePermissionSets Permission = "managePermissionSets"
	PermissionAssignPermissionSets Permission = "assignPermissionSets"
	// The last four are the powerful ones: with PermissionConfigureMessaging they are what editing channels needs.
	PermissionCustomizeApplication Permission = "customizeApplication"
	PermissionManageAuthProviders  Permission = "manageAuthProviders"
	PermissionViewSetup            Permission = "viewSetup"
	PermissionModifyAllData        Permission = "modifyAllData"
)

// AppPermissions and AdminPermissions list all permissions in the order in which they are shown.
var (
	AppPermissions = []Permission{PermissionMessagingAgent, PermissionInitiateSessions, PermissionAccessEntries, PermissionRunFlows,
		PermissionMessageOnMobile, PermissionSendInitialSMS, PermissionConfigureMessaging}
	AdminPermissions = []Permission{PermissionManageUsers, PermissionManageInternalUsers, PermissionManagePermissionSets,
		PermissionAssignPermissionSets, PermissionCustomizeApplication, PermissionManageAuthProviders, PermissionViewSetup, PermissionModifyAllData}
)

// ObjectAccess is how far one may reach for objects of a kind (SET-11, SET-12). Each contains the ones before it.
type ObjectAccess string

// The accesses.
const (
	AccessNone    ObjectAccess = "none"
	AccessOwn     ObjectAccess = "own"
	AccessShared  ObjectAccess = "teamOrQueue" // one's own and those of one's teams and queues
	AccessViewAll ObjectAccess = "viewAll"
	AccessEdit    ObjectAccess = "edit" // view and edit all
)

// ObjectAccesses lists all from the least to the most.
var ObjectAccesses = []ObjectAccess{AccessNone, AccessOwn, AccessShared, AccessViewAll, AccessEdit}

// PermissionSet is a named bundle of rights that is assigned to users. A user has the union of their sets (SET-24).
type PermissionSet struct {
	ID PermissionSetID `json:"id"`
	// Label is what people read, 1 to MaxNameLength characters.
	Label string `json:"label"`
	// APIName names the set to programs. It is unique, without regard to case, and never changes once the set is saved (SET-8).
	APIName string `json:"apiName"`
	// License ties the set to a license: it counts only for those who hold it, and has no app permissions (SET-9). "": to none.
	License License `json:"license,omitempty"`
	// Permissions are of AppPermissions and AdminPermissions, in this order.
	Permissions []Permission `json:"permissions"`
	// Sessions and Contacts are access to messaging sessions and messaging users.
	Sessions ObjectAccess `json:"sessions"`
	Contacts ObjectAccess `json:"contacts"`
	// Statuses are those that holders may choose (SET-10), in the order of WorkStates; empty: the set says nothing of them. Who
	// has no set that names any may choose all.
	Statuses []WorkState `json:"statuses"`
	// Revision is raised by every change; updates name the one they saw and get CodeConflict if it is older.
	Revision int64 `json:"revision"`
}

// PermissionSetName names a set to people, in the audit log.
type PermissionSetName struct {
	ID    PermissionSetID `json:"id"`
	Label string          `json:"label"`
}

// MaxPermissionSets bounds how many permission sets there are.
const MaxPermissionSets = 500

// MaxAPINameLength bounds an API name, in characters.
const MaxAPINameLength = 80

// Clean checks what somebody wrote as a set and returns it in its one form: trimmed, without doubles, in order. Id and
// revision are not looked at.
func (s PermissionSet) Clean() (PermissionSet, error) {
	var err error
	if s.Label, err = CleanName("the label", s.Label); err != nil {
		return s, err
	}
	if s.APIName = strings.TrimSpace(s.APIName); s.APIName == "" {
		s.APIName = APINameOf(s.Label)
	}
	switch {
	case !validAPIName(s.APIName):
		return s, Invalid("the API name must begin with a letter and have only letters a to z, digits and single underscores, at most %d", MaxAPINameLength)
	case s.License != "" && s.License != LicenseMessagingUser && s.License != LicenseMessagingUnlimited:
		return s, Invalid("%.40q is not a license", string(s.License))
	}
	if s.Permissions, err = inOrder("a permission", s.Permissions, slices.Concat(AppPermissions, AdminPermissions)); err != nil {
		return s, err
	}
	if s.Statuses, err = inOrder("a work state", s.Statuses, WorkStates); err != nil {
		return s, err
	}
	for _, p := range s.Permissions {
		if s.License != "" && slices.Contains(AppPermissions, p) {
			return s, Invalid("a permission set tied to a license has no app permissions; leave %q out, or untie the set", string(p))
		}
	}
	for _, access := range []*ObjectAccess{&s.Sessions, &s.Contacts} {
		if *access == "" {
			*access = AccessNone
		}
		if !slices.Contains(ObjectAccesses, *access) {
			return s, Invalid("%.40q is not an access to objects", string(*access))
		}
	}
	return s, nil
}

// inOrder returns those of all that are among given, in the order of all.
func inOrder[T ~string](what string, given, all []T) ([]T, error) {
	for _, g := range given {
		if !slices.Contains(all, g) {
			return nil, Invalid("%.40q is not %s", string(g), what)
		}
	}
	ordered := []T{}
	for _, a := range all {
		if slices.Contains(given, a) {
			ordered = append(ordered, a)
		}
	}
	return ordered, nil
}

// APINameOf returns the API name that is filled in for a label (SET-8): its letters and digits, everything else as single
// underscores. It always is a valid one.
func APINameOf(label string) string {
	var b strings.Builder
	gap := false
	for _, r := range label {
		if r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		if b.Len() == 0 && !unicode.IsLetter(r) {
			b.WriteString("Set_")
			gap = false
		}
		if gap && b.Len() > 0 {
			b.WriteByte('_')
		}
		gap = false
		b.WriteRune(r)
	}
	name := b.String()
	if name == "" {
		name = "Set"
	}
	return strings.TrimRight(name[:min(len(name), MaxAPINameLength)], "_")
}

func validAPIName(name string) bool {
	return len(name) <= MaxAPINameLength && name == APINameOf(name)
}

// SetListAnswer lists all permission sets, by label. Who holds them stands in UserRecord.
type SetListAnswer struct {
	Sets []PermissionSet `json:"sets"`
}

// SetCreateArgs make a permission set. Id and revision are the server's to give; an empty API name is filled in from the label.
// An API name that is taken is CodeConflict.
type SetCreateArgs struct {
	Set PermissionSet `json:"set"`
}

// SetUpdateArgs replace a permission set whole, of the revision it names. It takes effect at once for all who hold it.
type SetUpdateArgs struct {
	Set PermissionSet `json:"set"`
}

// SetCloneArgs make a set that grants the same under another name (SET-19).
type SetCloneArgs struct {
	SetID   PermissionSetID `json:"setId"`
	Label   string          `json:"label"`
	APIName string          `json:"apiName,omitempty"`
}

// SetAnswer is the set as it is kept.
type SetAnswer struct {
	Set PermissionSet `json:"set"`
}

// SetDeleteArgs remove a set, at once from all who hold it.
type SetDeleteArgs struct {
	SetID    PermissionSetID `json:"setId"`
	Revision int64           `json:"revision"`
	// Holders is how many users held it when somebody looked; if others do by now, the answer is CodeConflict.
	Holders int `json:"holders"`
}

// SetRevision names a permission set, in the revision that somebody saw.
type SetRevision struct {
	SetID    PermissionSetID `json:"setId"`
	Revision int64           `json:"revision"`
}

// Seen names the set as it is here.
func (s PermissionSet) Seen() SetRevision { return SetRevision{SetID: s.ID, Revision: s.Revision} }

// UserRevision names a user, in the revision that somebody saw.
type UserRevision struct {
	UserID   UserID `json:"userId"`
	Revision int64  `json:"revision"`
}

// SetAssignArgs move permission sets to the Enabled list of users, and from it (SET-22): of all of them, or of none. A set that
// is enabled already stays so. It takes effect at once. Users and sets are named as they were seen: what a set grants may be changed as
// well as who holds it, and CodeConflict answers if either was.
type SetAssignArgs struct {
	Users   []UserRevision `json:"users"`
	Enable  []SetRevision  `json:"enable"`
	Disable []SetRevision  `json:"disable"`
}

// LicenseAssignArgs give users the license of the edition, or take it (License is empty), of all of them or of none (SET-5). It
// takes effect at once.
type LicenseAssignArgs struct {
	Users   []UserRevision `json:"users"`
	License License        `json:"license,omitempty"`
}

// UsersAnswer names the users of an assignment with their new revisions.
type UsersAnswer struct {
	Users []UserRevision `json:"users"`
}

// EditionPreviewArgs ask what changing the edition means.
type EditionPreviewArgs struct {
	Edition Edition `json:"edition"`
}

// EditionPreviewAnswer says which assignments must be redone (SET-6).
type EditionPreviewAnswer struct {
	// From and To are the licenses before and after.
	From License `json:"from"`
	To   License `json:"to"`
	// UserIDs hold a license that does not count in the edition, SetIDs are permission sets tied to one: both get To.
	UserIDs []UserID          `json:"userIds"`
	SetIDs  []PermissionSetID `json:"setIds"`
	// Revision is of all that this says: who confirms names it.
	Revision int64 `json:"revision"`
}

// EditionUpdateArgs change the edition and redo the assignments that a preview of Revision named. If any has changed since, it
// is CodeConflict: look again.
type EditionUpdateArgs struct {
	Edition  Edition `json:"edition"`
	Revision int64   `json:"revision"`
}
