package rig_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// permissionsPage is the page with the checklist, from this folder.
const permissionsPage = "../../docs/permissions.md"

var namedTest = regexp.MustCompile("`([a-z/]+)\\.(Test[A-Za-z0-9_]+)`")

// TestChecklist: each row of the checklist is shown by tests that are there, or stands among those that are not tested, with the
// reason; and each path of a row names at least one test.
func TestChecklist(t *testing.T) {
	raw, err := os.ReadFile(permissionsPage)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(raw), "## The checklist")
	shown, missing, both := strings.Cut(rest, "### Not tested")
	if !found || !both {
		t.Fatal("the page has no checklist")
	}
	covered := map[string]bool{}
	tests := map[string]map[string]bool{}
	for _, row := range rows(shown) {
		covered[row[0]] = true
		named := namedTest.FindAllStringSubmatch(row[3], -1)
		if len(named) == 0 || strings.Count(row[3], "`") != 2*len(named) {
			t.Errorf("%s, %s: no test shows it, or not by its folder and name: %s", row[0], row[1], row[3])
		}
		for _, m := range named {
			folder, name := m[1], m[2]
			if tests[folder] == nil {
				tests[folder] = testsIn(t, filepath.Join("../..", folder))
			}
			if !tests[folder][name] {
				t.Errorf("%s, %s: there is no %s in %s", row[0], row[1], name, folder)
			}
		}
	}
	for _, row := range rows(missing) {
		for one := range strings.SplitSeq(row[0], ", ") {
			covered[one] = true
		}
		if row[1] == "" {
			t.Errorf("%s: it is not said why it is not tested", row[0])
		}
	}
	want := []string{"B5"}
	for i := 1; i <= 20; i++ {
		want = append(want, fmt.Sprint("A", i))
	}
	for _, row := range want {
		if !covered[row] {
			t.Errorf("%s is not on the page", row)
		}
	}
}

// rows returns the cells of a table's rows, without its header.
func rows(text string) [][]string {
	var all [][]string
	body := false
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.HasPrefix(line, "|---"):
			body = true
		case !strings.HasPrefix(line, "|"):
			body = false
		case body:
			var cells []string
			for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
				cells = append(cells, strings.TrimSpace(cell))
			}
			all = append(all, append(cells, "", "", ""))
		}
	}
	return all
}

// testsIn returns the names of a package's tests.
func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no tests in %s: %v", folder, err)
	}
	names := map[string]bool{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}
