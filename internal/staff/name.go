package staff

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/blank"
	"github.com/cafeforme/cafeforme/order"
)

// names are what people can be called.
var names = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]{0,39}$`)

// otherActors are who else appears in the timelines. The store's is the token
// without a name.
var otherActors = []string{
	order.ActorCustomer, order.ActorStore, order.ActorGateway, order.ActorClock, order.ActorOperator, order.ActorTemporal,
}

// CheckName fails and says why, unless somebody of the staff can be called so: what they do is told
// under the name.
func CheckName(name string) error {
	switch {
	case !names.MatchString(name) || strings.TrimSpace(name) != name:
		return errors.New("want 1 to 40 letters, digits, spaces, dots, dashes and underscores, a letter or digit first")
	case strings.ContainsFunc(name, blank.Character):
		return errors.New("it has a character that shows as nothing")
	case slices.ContainsFunc(otherActors, func(other string) bool {
		return strings.EqualFold(other, strings.Join(strings.Fields(name), " "))
	}):
		return errors.New("it would be taken for somebody else in the timelines")
	}
	return nil
}
