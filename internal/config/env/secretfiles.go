package env

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// maxSecretFile is the size, in bytes, of the largest file that a secret is read
// from: more than any secret has.
const maxSecretFile = 64 << 10

// readSecretFiles adds what is in the files of secrets to the environment, as if
// it had been set there: what is in a variable can be read by whoever may look at the
// process or describe its container.
func (r *Reader) readSecretFiles(secrets []string) {
	found := slices.Clone(r.environ)
	for _, name := range secrets {
		path := r.Text(name + "_FILE")
		if path == "" {
			continue
		}
		if r.Text(name) != "" {
			r.Mistake(name+"_FILE", "is set beside %s: set one of them", name)
			continue
		}
		secret, err := readSecretFile(path)
		if err != nil {
			r.Mistake(name+"_FILE", "%v", err)
			continue
		}
		found = append(found, name+"="+secret)
	}
	r.environ = found
}

// readSecretFile returns the one line of a file. Its errors repeat nothing of the
// file, nor its name: somebody may have put the secret there.
func readSecretFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", unreadable(err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxSecretFile+1))
	if err != nil {
		return "", unreadable(err)
	}
	secret := strings.TrimSpace(string(content))
	switch {
	case len(content) > maxSecretFile:
		return "", errors.New("names a file of more than 64 KiB, want the secret alone")
	case secret == "":
		return "", errors.New("names an empty file, want the secret in it")
	case strings.ContainsAny(secret, "\r\n"):
		return "", errors.New("names a file of several lines, want the secret on one")
	}
	return secret, nil
}

// unreadable returns why a file cannot be read, without the file's name.
func unreadable(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	return errors.New("cannot be read: " + err.Error())
}
