package measure

import "context"

// readRate is how often one client reads per second when a single answer's
// latency is of interest.
const readRate = 20.0

// reads measures what people look at: the most that can be read, and the latency
// of a single answer.
func (s *session) reads(ctx context.Context) error {
	if _, err := s.seed(ctx, boardPage); err != nil {
		return err
	}
	s.open = len(s.waiting)
	for _, l := range []load{
		{name: loadTrack, do: s.track()},
		{name: loadMenu, do: func(ctx context.Context) error { return s.cafe.get(ctx, s.cafe.customer+"/menu") }},
		{name: loadBoard, do: s.readBoard},
	} {
		l.window = s.briefly()
		l.clients, l.rate = 1, readRate
		if _, err := s.measure(ctx, l); err != nil {
			return err
		}
		l.clients, l.rate = min(seedClients, s.most()), 0
		if _, err := s.measure(ctx, l); err != nil {
			return err
		}
	}
	return nil
}
