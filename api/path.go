package api

import (
	"net/http"
	"regexp"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/internal/phone"
)

var (
	orderIDs          = regexp.MustCompile(`^ord_[a-z2-7]{26}$`)
	membershipNumbers = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
)

// pathOrderID returns the ID in the path. One that cannot be an order's is
// answered like one that is not.
func pathOrderID(r *http.Request) (string, error) {
	id := mux.Vars(r)["id"]
	if !orderIDs.MatchString(id) {
		return "", notFound()
	}
	traceOf(r).orderID = id
	return id, nil
}

// readMembershipNumber takes the number of a member in a path as people paste it.
func readMembershipNumber(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if number, ok := mux.Vars(r)["number"]; ok {
			mux.Vars(r)["number"] = phone.Digits(number)
		}
		next.ServeHTTP(w, r)
	})
}
