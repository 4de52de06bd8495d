package rig_test

import (
	"os"
	"testing"

	"parley/backend/rig"
)

func TestMain(m *testing.M) { os.Exit(rig.Main(m)) }
