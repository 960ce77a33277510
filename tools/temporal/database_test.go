package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestInterruptedSchemaLeavesNothing(t *testing.T) {
	t.Parallel()
	path := newDB(t)
	failure := errors.New("disk full")
	err := createWhole(path, func(unfinished string) error {
		if err := writeSchema(unfinished); err != nil {
			t.Fatal(err)
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("got %v, want %v", err, failure)
	}
	wantFiles(t, filepath.Dir(path))
}

func TestEnsureDatabaseReplacesWhatIsNotADatabase(t *testing.T) {
	t.Parallel()
	path := newDB(t)
	dir := filepath.Dir(path)
	// An empty file, the log of a deleted database, a start that was killed,
	// and something that is none of our business.
	for _, name := range []string{"temporal.db", "temporal.db-wal", ".temporal.db.unfinished-1", "other.db"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := ensureDatabase(path); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, "other.db", "temporal.db")
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("database is %v, %v", info, err)
	}
}

func TestEnsureDatabaseLeavesADatabaseAlone(t *testing.T) {
	t.Parallel()
	path := newDB(t)
	if err := os.WriteFile(path, []byte("data"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ensureDatabase(path); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "data" {
		t.Errorf("database is %q, %v", got, err)
	}
}

// wantFiles checks that dir holds the files named, in the order of their names.
func wantFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if len(got) != len(names) {
		t.Fatalf("folder holds %q, want %q", got, names)
	}
	for i := range got {
		if got[i] != names[i] {
			t.Errorf("folder holds %q, want %q", got, names)
		}
	}
}
