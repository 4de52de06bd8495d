package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"parley/backend/bench"
)

// benchCmd measures a server of its own.
type benchCmd struct {
	Scenario []string      `arg:"" optional:"" help:"Which scenarios to run: pairs, pipelined, steady, room, room-large, idle, idle-many, signins, catchup. All if none is named."`
	Users    int           `default:"200" help:"Users, who write in pairs."`
	Duration time.Duration `default:"10s" help:"How long each scenario is measured; at most 10m."`
	Warmup   time.Duration `default:"2s" help:"How long each scenario runs before it is measured."`
	Rate     int           `default:"200" help:"Messages a second of the scenario steady, by all users together."`
	Room     int           `default:"100" help:"Members of the scenario room."`
	Large    int           `default:"500" help:"Members of the scenario room-large."`
	Idle     int           `default:"2000" help:"Connections of the scenario idle."`
	IdleMany int           `default:"10000" help:"Connections of the scenario idle-many."`
	SignIns  int           `name:"signins" default:"1000" help:"Clients that come at once in the scenario signins."`
	Missed   int           `default:"10000" help:"Messages that are caught up with in the scenario catchup."`
	Others   int           `default:"1000000" help:"Messages of others around them."`
	Profile  string        `placeholder:"DIR" help:"Leave in this directory, for each scenario, where the server's processor time went; for go tool pprof."`
	JSON     bool          `name:"json" help:"Print the results as JSON."`
}

// Validate is called by kong.
func (c *benchCmd) Validate() error {
	switch {
	case c.Users < 2 || c.Users > 1000 || c.Users%2 != 0:
		return errors.New("--users: an even number from 2 to 1000")
	case c.Duration < time.Second || c.Duration > 10*time.Minute || c.Warmup < 0 || c.Warmup > time.Minute:
		return errors.New("--duration: from 1s to 10m; --warmup: at most 1m")
	case c.Rate < 1 || c.Rate > 20_000:
		return errors.New("--rate: from 1 to 20000")
	case c.Idle < 1 || c.Idle > 19_000 || c.IdleMany < 1 || c.IdleMany > 19_000:
		return errors.New("--idle, --idle-many: from 1 to 19000")
	case c.Room < 2 || c.Room > 1000 || c.Large < 2 || c.Large > 1000:
		return errors.New("--room, --large: from 2 to 1000")
	case c.SignIns < 2 || c.SignIns > 5000:
		return errors.New("--signins: from 2 to 5000")
	case c.Missed < 1 || c.Missed > 100_000 || c.Others < 0 || c.Others > 10_000_000:
		return errors.New("--missed: from 1 to 100000; --others: at most 10000000")
	}
	return nil
}

// Run measures and prints what came out.
func (c *benchCmd) Run(ctx context.Context, p *program) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	results, err := bench.Run(ctx, bench.Options{Program: self, Scenarios: c.Scenario, Users: c.Users, Duration: c.Duration,
		Warmup: c.Warmup, Rate: c.Rate, Room: c.Room, RoomLarge: c.Large, Idle: c.Idle, IdleMany: c.IdleMany,
		SignIns: c.SignIns, Missed: c.Missed, Others: c.Others, Profile: c.Profile, Progress: p.stderr})
	if len(results) > 0 {
		write := bench.WriteTable
		if c.JSON {
			write = bench.WriteJSON
		}
		err = errors.Join(err, write(p.stdout, results))
	}
	return err
}
