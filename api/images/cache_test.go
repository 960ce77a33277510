package images

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/picture"
)

// fakeReader counts how often pictures are read.
type fakeReader struct {
	mu       sync.Mutex
	pictures map[string]picture.Picture
	reads    int
	// held has readers wait until it is closed; nil for never.
	held chan struct{}
}

func newFakeReader() *fakeReader { return &fakeReader{pictures: map[string]picture.Picture{}} }

func (f *fakeReader) Image(_ context.Context, hash string) (picture.Picture, error) {
	if f.held != nil {
		<-f.held
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	return f.pictures[hash], nil
}

func TestTheCacheOfPicturesIsBounded(t *testing.T) {
	t.Parallel()
	kept := newFakeReader()
	for i, name := range []string{"a", "b", "c", "huge"} {
		kept.pictures[name] = picture.Picture{Hash: name, Content: make([]byte, []int{40, 40, 40, 1000}[i])}
	}
	cache := NewCache(kept, 100)
	for _, step := range []struct {
		hash  string
		reads int
	}{{"a", 1}, {"b", 2}, {"a", 2}, {"c", 3}, {"a", 3}, {"b", 4}, {"huge", 5}, {"huge", 6}} {
		got, err := cache.Get(t.Context(), step.hash)
		require.NoError(t, err)
		require.Equal(t, step.hash, got.Hash)
		require.Equal(t, step.reads, kept.reads, step.hash)
		require.LessOrEqual(t, cache.size, 100)
	}
}

func TestManyWhoAskForOnePictureReadItOnce(t *testing.T) {
	t.Parallel()
	kept := newFakeReader()
	kept.pictures["a"] = picture.Picture{Hash: "a"}
	kept.held = make(chan struct{})
	cache := NewCache(kept, 100)
	gone, leave := context.WithCancel(t.Context())
	leave()
	var asking sync.WaitGroup
	for range 20 {
		asking.Go(func() {
			if _, err := cache.Get(gone, "a"); err != nil {
				t.Error(err)
			}
		})
	}
	close(kept.held)
	asking.Wait()
	require.LessOrEqual(t, kept.reads, 20)
	_, err := cache.Get(t.Context(), "a")
	require.NoError(t, err)
}
