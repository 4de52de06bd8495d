package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// settings gives flags that are not on the command line their values: from the environment variable PARLEY_ and the flag's
// name in capitals, else from the configuration file, whose keys are the names of flags.
type settings struct {
	env  map[string]string
	file map[string]any
	path string
}

// configFlag names the configuration file and loads it as soon as it is known.
type configFlag string

// BeforeResolve is called by kong before flags get their values from settings.
func (configFlag) BeforeResolve(ctx *kong.Context, trace *kong.Path, s *settings) error {
	path, _ := ctx.FlagValue(trace.Flag).(configFlag)
	if err := s.load(string(path)); err != nil {
		return err
	}
	return s.Validate(ctx.Model)
}

// fromEnv loads the configuration file that the environment names.
func (s *settings) fromEnv(parser *kong.Kong) error {
	path := s.env[variable("config")]
	if path == "" {
		return nil
	}
	if err := s.load(path); err != nil {
		return err
	}
	return s.Validate(parser.Model)
}

func (s *settings) load(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	values := map[string]any{}
	if err := json.Unmarshal(raw, &values); err != nil {
		return fmt.Errorf("the configuration %s is not a JSON object: %w", path, err)
	}
	s.file, s.path = values, path
	return nil
}

// Validate implements kong.Resolver: a key that is no flag is a mistake and said so, rather than ignored.
func (s *settings) Validate(app *kong.Application) error {
	names := flagNames(app.Node)
	for key := range s.file {
		if !slices.Contains(names, key) {
			return fmt.Errorf("the configuration %s has the key %q, which is no setting", s.path, key)
		}
	}
	return nil
}

func flagNames(n *kong.Node) []string {
	var names []string
	for _, f := range n.Flags {
		names = append(names, f.Name)
	}
	for _, child := range n.Children {
		names = append(names, flagNames(child)...)
	}
	return names
}

// Resolve implements kong.Resolver.
func (s *settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if value, ok := s.env[variable(flag.Name)]; ok && flag.Name != "help" {
		return value, nil
	}
	switch value := s.file[flag.Name].(type) {
	case nil:
		return nil, nil
	case []any: // kong reads lists as text with commas
		words := make([]string, len(value))
		for i, v := range value {
			words[i] = fmt.Sprint(v)
		}
		return strings.Join(words, ","), nil
	case string, bool:
		return value, nil
	default:
		return fmt.Sprint(value), nil
	}
}

// variable returns the environment variable of a flag.
func variable(flag string) string {
	return "PARLEY_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

var _ kong.Resolver = (*settings)(nil)
