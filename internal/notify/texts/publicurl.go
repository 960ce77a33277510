package texts

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
)

// orderIDLength is how long an order ID is, at most.
const orderIDLength = 30

// plainPath is a path that every phone takes for a part of the link.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9._~/-]*$`)

// CheckPublicURL fails unless publicURL can be the customer's address of the
// site in the texts: an absolute http or https URL, without a query, so short
// that the longest text with a link to an order fits one segment. The empty URL
// is fine: there are no links then.
func CheckPublicURL(publicURL string) error {
	if publicURL == "" {
		return nil
	}
	u, err := url.Parse(publicURL)
	if err != nil {
		return fmt.Errorf("the public URL %q is not a URL: %w", publicURL, errors.Unwrap(err))
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf(`the public URL %q must be like "https://cafe.example", with nothing behind the path`, publicURL)
	}
	if !plainPath.MatchString(u.EscapedPath()) {
		return fmt.Errorf("the public URL %q must have a path of letters, digits and ._~/- alone", publicURL)
	}
	if _, ok := gsmLength(publicURL); !ok {
		return fmt.Errorf("the public URL %q must be in plain letters (an international domain in its xn-- form)", publicURL)
	}
	if room := roomLeft(publicURL); room < 0 {
		return fmt.Errorf("the public URL %q is too long by %d: a text with a link to an order has to fit one SMS",
			publicURL, -room)
	}
	return nil
}

// roomLeft returns how many characters of the fullest text are left with the
// longest of everything in it.
func roomLeft(publicURL string) int {
	room := maxGSM
	for language, kinds := range textWriters {
		for kind := range kinds {
			for _, name := range longestNames {
				room = min(room, spareLength(Compose(longestText(language, kind, name), publicURL)))
			}
		}
	}
	return room
}

// longestNames are the longest names that a brand can have: of characters that both alphabets of texts
// have, of those that only one has, and of those that take two places in it.
var longestNames = []string{
	strings.Repeat("W", limits.BrandName), strings.Repeat("뷁", limits.BrandName), strings.Repeat("☕😀", limits.BrandName/2),
}

// longestText returns the text of a kind with the longest values that it can have.
func longestText(language order.Language, kind order.TextKind, name string) order.Text {
	return order.Text{
		OrderID: strings.Repeat("x", orderIDLength), Kind: kind, Language: language,
		PickupNumber: "ZZ-99", ETAMinutes: maxETA, Brand: name,
		PickupAt: time.Date(2026, time.December, 30, 12, 30, 0, 0, time.UTC),
	}
}
