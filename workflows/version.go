package workflows

import (
	"fmt"

	"github.com/cafeforme/cafeforme/order"
)

// The versions of the workflow's code that an order may follow. The order carries
// its own in its input and follows it to its end: histories of every version
// replay. [workflow.GetVersion] would say the same, and cost every order two events.
const (
	// versionTogether: the board brings a paid order into the read model, an acceptance
	// and its points are written together, and an order that is picked up and ends is
	// searchable as that with its end. Before it, each write was made by itself.
	versionTogether = 1
	// versionPaced: a pause lies between two rounds of attempts, and a text is given up
	// an hour after the order's end.
	versionPaced = 2

	// CurrentVersion is the version that new orders follow.
	CurrentVersion = versionPaced
)

// requireKnownVersion fails the workflow task of an order whose version a later
// build has brought: the order waits for a worker of that build.
func requireKnownVersion(p order.Placement) {
	if p.WorkflowVersion > CurrentVersion {
		panic(fmt.Sprintf("order %s follows version %d of the workflow, this build knows %d", p.ID, p.WorkflowVersion, CurrentVersion))
	}
}

// writesTogether reports whether what the order writes is written together where
// that can be.
func (r *orderRun) writesTogether() bool { return r.placement.WorkflowVersion >= versionTogether }

// paced reports whether the order follows [versionPaced].
func (r *orderRun) paced() bool { return r.placement.WorkflowVersion >= versionPaced }
