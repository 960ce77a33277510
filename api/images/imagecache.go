package images

import (
	"container/list"
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/internal/picture"
)

// CacheSize is how many bytes of pictures a process keeps: those of a menu of some hundred
// items.
const CacheSize = 32 << 20

// imageTimeout is how long a picture is waited for.
const imageTimeout = 5 * time.Second

// Cache reads pictures once, and keeps those that were asked for last: a page of them needs no
// database.
type Cache struct {
	images Reader
	// room is how many bytes there may be.
	room    int
	reading singleflight.Group

	mu   sync.Mutex
	size int
	// kept has pictures, the latest in front; byHash finds them.
	kept   *list.List
	byHash map[string]*list.Element
}

// NewCache returns a cache of at most room bytes.
func NewCache(images Reader, room int) *Cache {
	return &Cache{images: images, room: room, kept: list.New(), byHash: map[string]*list.Element{}}
}

// Get returns the picture with the hash, or CodeNotFound. Who asks for the same one meanwhile waits
// for the same answer.
func (c *Cache) Get(ctx context.Context, hash string) (picture.Picture, error) {
	if known, ok := c.find(hash); ok {
		return known, nil
	}
	read, err, _ := c.reading.Do(hash, func() (any, error) {
		fresh, err := deadline.Call(context.WithoutCancel(ctx), imageTimeout, func(ctx context.Context) (picture.Picture, error) {
			return c.images.Image(ctx, hash)
		})
		if err == nil {
			c.keep(fresh)
		}
		return fresh, err
	})
	fresh, _ := read.(picture.Picture)
	return fresh, err
}

func (c *Cache) find(hash string) (picture.Picture, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.byHash[hash]
	if !ok {
		return picture.Picture{}, false
	}
	c.kept.MoveToFront(element)
	return pictureIn(element), true
}

// keep adds the picture, and lets go of those that nobody has asked for the longest.
func (c *Cache) keep(p picture.Picture) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.byHash[p.Hash]; known {
		return
	}
	c.byHash[p.Hash] = c.kept.PushFront(p)
	c.size += len(p.Content)
	for c.size > c.room {
		oldest := c.kept.Back()
		gone := pictureIn(oldest)
		c.kept.Remove(oldest)
		delete(c.byHash, gone.Hash)
		c.size -= len(gone.Content)
	}
}

func pictureIn(element *list.Element) picture.Picture {
	p, _ := element.Value.(picture.Picture) // nothing else is in the list
	return p
}
