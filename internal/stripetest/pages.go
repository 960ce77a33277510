package stripetest

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
)

// pageTemplate is a page of Stripe's, or of a bank's, as far as customers need it: buttons, and a
// way back.
var pageTemplate = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><title>{{.Title}}</title><h1>{{.Title}}</h1><p id="state">{{.State}}</p>
<form method="post">{{range .Buttons}}<button name="choice" value="{{.}}">{{.}}</button> {{end}}</form>
<a id="back" href="{{.Back}}">Back</a></html>`))

type pageView struct {
	Title, State, Back string
	Buttons            []string
}

func (v pageView) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pageTemplate.Execute(w, v) // whoever left needs no page
}

// servePages serves the pages that customers are led to.
func (s *Server) servePages(mux *http.ServeMux) {
	mux.HandleFunc("GET /c/pay/{id}", s.showPaymentPage)
	mux.HandleFunc("POST /c/pay/{id}", s.payOnPage)
	mux.HandleFunc("GET /authenticate/{id}", s.showBankPage)
	mux.HandleFunc("POST /authenticate/{id}", s.confirmAtBank)
}

func (s *Server) showPaymentPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.session(r.PathValue("id"))
	if c == nil {
		http.NotFound(w, r)
		return
	}
	view := pageView{Title: fmt.Sprintf("Pay %d %s for %s", c.AmountTotal, c.Currency, c.item), State: c.Status, Back: c.cancelURL}
	if c.Status == "open" {
		view.Buttons = []string{Visa, Declined, StaysProcessing}
		if c.intent != nil && c.intent.LastPaymentError != nil {
			view.State = c.intent.LastPaymentError.Message
		}
	}
	view.write(w)
}

// payOnPage tries the payment method, and leads back once the page is paid.
func (s *Server) payOnPage(w http.ResponseWriter, r *http.Request) {
	s.PayOnPage(s.URL+r.URL.Path, r.PostFormValue("choice"))
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.session(r.PathValue("id"))
	if c.Status == "complete" {
		http.Redirect(w, r, c.successURL, http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, c.page, http.StatusSeeOther)
}

// The answers to what the bank asks.
const (
	bankConfirm = "confirm"
	bankRefuse  = "refuse"
)

func (s *Server) showBankPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.intent(r.PathValue("id"))
	if i == nil {
		http.NotFound(w, r)
		return
	}
	view := pageView{Title: "Your bank", State: i.Status}
	if i.NextAction != nil {
		view.Back, view.Buttons = i.NextAction.RedirectToURL.ReturnURL, []string{bankConfirm, bankRefuse}
	}
	view.write(w)
}

// confirmAtBank decides the payment, and leads back.
func (s *Server) confirmAtBank(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	i := s.intent(r.PathValue("id"))
	if i == nil || i.NextAction == nil || !slices.Contains([]string{bankConfirm, bankRefuse}, r.PostFormValue("choice")) {
		s.mu.Unlock()
		http.NotFound(w, r)
		return
	}
	back, orderID := i.NextAction.RedirectToURL.ReturnURL, i.Metadata["order_id"]
	s.mu.Unlock()
	s.Complete(orderID, r.PostFormValue("choice") == bankConfirm)
	http.Redirect(w, r, back, http.StatusSeeOther)
}
