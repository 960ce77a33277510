package config

import (
	"cmp"
	"strings"

	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/internal/providers"
	"github.com/cafeforme/cafeforme/internal/smslimit"
)

// texts reads what the provider of texts wants to know. publicURL is the one that was read
// before.
func (r reader) texts(name string, process Process, publicURL string) notify.Choice {
	all, value := providers.Texts(), r.Text(name)
	chosen, known := all.Find(value)
	if value != "" && !known {
		r.Mistake(name, "is %q, want %s", value, oneOf(all.Names()))
	}
	sends := process == Dev || process == API || process == Worker
	if sends && known && !chosen.Sandbox && publicURL == "" && r.Text("CAFEFORME_PUBLIC_URL") == "" {
		r.Mistake("CAFEFORME_PUBLIC_URL", "is missing: with %s=%s texts link there, and %s calls back there", name, chosen.Name, chosen.Title)
	}
	return all.Configure(r.Reader, value, sends)
}

// smsCountries returns the countries that texts go to.
func (r reader) smsCountries(name string) phone.Countries {
	countries, err := phone.ParseCountries(cmp.Or(r.Text(name), strings.Join(phone.DefaultCountries, ",")))
	if err != nil {
		r.Mistake(name, "names what cannot be used: %v", err)
	}
	return countries
}

// smsLimits returns how many texts may be sent. What costs money is limited unless the variable
// says otherwise; the outbox has limits only where it names some.
func (r reader) smsLimits(name string, costly bool) smslimit.Limits {
	value := r.Text(name)
	if value == "" && costly {
		return smslimit.Default
	}
	limits, err := smslimit.Parse(cmp.Or(value, "off"))
	if err != nil {
		r.Mistake(name, "%v", err)
	}
	return limits
}
