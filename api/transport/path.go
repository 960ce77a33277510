package transport

import (
	"cmp"
	"net/http"
	"regexp"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/order"
)

var (
	orderIDs          = regexp.MustCompile(`^ord_[a-z2-7]{26}$`)
	membershipNumbers = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
)

// IsOrderID reports whether the value has the form of an order's ID.
func IsOrderID(value string) bool { return orderIDs.MatchString(value) }

// IsMembershipNumber reports whether the value has the form of a membership number.
func IsMembershipNumber(value string) bool { return membershipNumbers.MatchString(value) }

// PathOrderID returns the ID in the path. One that cannot be an order's is
// answered like one that is not.
func PathOrderID(r *http.Request) (string, error) {
	id := mux.Vars(r)["id"]
	if !IsOrderID(id) {
		return "", NotFound()
	}
	RequestLogOf(r).OrderID = id
	return id, nil
}

// PathStore returns the store in the path; the one that there is from the start in a path without.
func PathStore(r *http.Request) string { return cmp.Or(mux.Vars(r)["store"], order.MainStore) }

// NormalizeMembershipNumber takes the number of a member in a path as people paste it.
func NormalizeMembershipNumber(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if number, ok := mux.Vars(r)["number"]; ok {
			mux.Vars(r)["number"] = phone.Digits(number)
		}
		next.ServeHTTP(w, r)
	})
}
