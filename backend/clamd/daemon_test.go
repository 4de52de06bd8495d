package clamd_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// eicar is what every scanner takes for a virus, and no virus: in two parts, or this file would be one.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}` + `$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// realDaemon starts ClamAV's own daemon with a database of one signature, that of eicar.
func realDaemon(t *testing.T) (address string) {
	t.Helper()
	program, err := exec.LookPath("clamd")
	if err != nil {
		t.Skip("clamd is not installed; Debian has it in clamav-daemon")
	}
	dir := t.TempDir()
	address = filepath.Join(dir, "clamd.ctl")
	config := filepath.Join(dir, "clamd.conf")
	for path, text := range map[string]string{
		filepath.Join(dir, "test.hdb"): fmt.Sprintf("%x:%d:Eicar-Test-Signature\n", md5.Sum([]byte(eicar)), len(eicar)),
		config:                         fmt.Sprintf("DatabaseDirectory %s\nLocalSocket %s\nForeground yes\nStreamMaxLength 101M\nMaxFileSize 101M\nMaxScanSize 101M\n", dir, address),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said bytes.Buffer
	cmd := exec.Command(program, "--config-file", config)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-ended
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) { // it tells nobody that it is ready
		if _, err := os.Stat(address); err == nil {
			return address
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("clamd ended: %v\n%s", err, said.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("clamd does not listen")
		}
	}
}

// TestScan_clamAV asks the real daemon.
func TestScan_clamAV(t *testing.T) {
	address := realDaemon(t)
	if virus, err := scan(t, address, []byte(eicar)); err != nil || !strings.HasPrefix(virus, "Eicar-Test-Signature") {
		t.Errorf("eicar is told as %q, %v", virus, err)
	}
	for what, content := range map[string][]byte{"nothing": nil, "words": []byte("words"), "the largest file there is": make([]byte, 100_000_000)} {
		if virus, err := scan(t, address, content); virus != "" || err != nil {
			t.Errorf("%s: %q, %v", what, virus, err)
		}
	}
	if virus, err := scan(t, address, make([]byte, 110_000_000)); virus != "" || err == nil {
		t.Errorf("more than the daemon takes is told as %q, %v", virus, err)
	}
}
