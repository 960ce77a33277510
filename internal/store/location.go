package store

import "math"

// earthRadius is the mean one, in metres.
const earthRadius = 6_371_008.8

// Distance returns how far it is to the other location, in metres as the crow flies: on a sphere, by
// the haversine formula, which is wrong by half a percent at most.
func (l Location) Distance(to Location) float64 {
	const degree = math.Pi / 180
	lat, lng := math.Sin((to.Lat-l.Lat)*degree/2), math.Sin((to.Lng-l.Lng)*degree/2)
	a := lat*lat + math.Cos(l.Lat*degree)*math.Cos(to.Lat*degree)*lng*lng
	return 2 * earthRadius * math.Asin(math.Sqrt(min(a, 1)))
}
