package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// A form or a picture of another site needs nobody's permission to send a request
// without a body, or with one of plain text.
func TestAnotherSiteChangesNothingForACustomer(t *testing.T) {
	t.Parallel()
	fromElsewhere := [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
		{"Origin", "https://elsewhere.example"}, {"Origin", "null"},
	}
	for _, headers := range fromElsewhere {
		s := newCustomerSurface(t)
		s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
		s.post("/orders/"+knownID+"/cancel", "", headers...).refuses(http.StatusForbidden, "cross_origin", "")
		s.post("/orders", twoAmericanos, headers...).refuses(http.StatusForbidden, "cross_origin", "")
		s.post("/members/"+memberNumber+"/codes", "", headers...).refuses(http.StatusForbidden, "cross_origin", "")
		s.remove("/members/"+memberNumber, headers...).refuses(http.StatusForbidden, "cross_origin", "")
		s.nothingPlaced()
		require.Empty(t, s.members.asked)
	}
	for _, headers := range [][]string{
		nil, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", "http://example.com"},
	} {
		s := newCustomerSurface(t)
		s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
		s.post("/orders/"+knownID+"/cancel", "", headers...).wants(http.StatusOK)
		s.get("/menu", "Sec-Fetch-Site", "cross-site").wants(http.StatusOK)
	}
}
