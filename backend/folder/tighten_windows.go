package folder

// tighten has nothing to do: folders on Windows inherit who may use them from where they lie, which is the user's own profile
// unless somebody chose otherwise, and the mode that Go shows says nothing of it.
func tighten(string, []string) error { return nil }
