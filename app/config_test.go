package app

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestParseConfig_flagsBeforeEnvironment(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	env := environment(map[string]string{"PARLEY_PROFILE": filepath.Join(dir, "env"), "PARLEY_SERVER": "env.example"})
	c, err := parseConfig(nil, env, io.Discard)
	if err != nil || c != (config{profile: filepath.Join(dir, "env"), server: "env.example"}) {
		t.Errorf("from the environment: %+v, %v", c, err)
	}
	c, err = parseConfig([]string{"--profile", filepath.Join(dir, "flag"), "--server", "flag.example"}, env, io.Discard)
	if err != nil || c != (config{profile: filepath.Join(dir, "flag"), server: "flag.example"}) {
		t.Errorf("from flags: %+v, %v", c, err)
	}
	if info, err := os.Stat(c.profile); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the profile's folder: %v, %v", info, err)
	}
}

func TestParseConfig_refusesWhatItDoesNotKnow(t *testing.T) {
	for _, args := range [][]string{{"--no-such-flag"}, {"parley://open/x"}, {"--profile"}} {
		if c, err := parseConfig(args, environment(nil), io.Discard); err == nil {
			t.Errorf("%v: %+v", args, c)
		}
	}
	if _, err := parseConfig([]string{"--help"}, environment(nil), io.Discard); !errors.Is(err, errHelp) {
		t.Errorf("--help: %v", err)
	}
}

func TestProfileID_oneFolderOneProfile(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "real"), link); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, name := range []string{filepath.Join(dir, "real"), filepath.Join(dir, "real", "..", "real"), link} {
		c, err := parseConfig([]string{"--profile", name}, environment(nil), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		ids[c.profileID()] = true
	}
	if len(ids) != 1 {
		t.Errorf("three names of one folder give %d profiles", len(ids))
	}
}

func TestOpenLog_putsALargeOneAside(t *testing.T) {
	c := config{profile: t.TempDir()}
	path := filepath.Join(c.profile, "parley.log")
	if err := os.WriteFile(path, make([]byte, maxLogBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := c.openLog()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	now, err := os.Stat(path)
	old, oldErr := os.Stat(path + ".old")
	if err != nil || oldErr != nil || now.Size() != 0 || old.Size() != maxLogBytes+1 {
		t.Errorf("log %v %v, old log %v %v", now, err, old, oldErr)
	}
}
