package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// made is what was made and cannot be asked for again: it is kept in a file that only its owner reads.
type made struct {
	Staff   []account `json:"staff"`
	Members []member  `json:"members"`
	// Done: everything was made. What has changed since is not the demo's any more.
	Done bool `json:"done"`
}

// readMade reads the file; nothing was made when there is none.
func readMade(path string) (there made, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return made{}, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &there)
	}
	if err != nil {
		return made{}, fmt.Errorf("read what was made of the demo: %w", err)
	}
	return there, nil
}

// write writes the file as a whole, or leaves the one that there was.
func (m *made) write(path string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err == nil {
		err = os.WriteFile(path+".new", append(text, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("write down what was made of the demo: %w", err)
	}
	return nil
}
