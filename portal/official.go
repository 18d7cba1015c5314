package portal

import (
	"github.com/kaoping/kaoping/office"
)

// officialPage is one official document, to be printed.
type officialPage struct {
	office.Official
	// Bulletins are the numbers of all that were issued, Number the one that is shown; none for the notice.
	Bulletins []int
	Number    int
}

// showNotice shows the notice of the assessment as it went to every unit (A8(4)).
func (v *visit) showNotice() error {
	document, err := v.desk.Notice(v.r.Context())
	if err != nil {
		return err
	}
	return v.render("official", officialPage{Official: document})
}

// showNewestBulletin leads to the newest one.
func (v *visit) showNewestBulletin() error {
	count, err := v.desk.Bulletins(v.r.Context())
	if err != nil {
		return err
	}
	if count == 0 {
		return v.render("bulletin_none", nil)
	}
	return v.goTo(v.in("bulletin/%d", count))
}

// showBulletin shows a bulletin: for everybody of the year (A8(7)).
func (v *visit) showBulletin() error {
	number, err := v.number()
	if err != nil {
		return err
	}
	document, err := v.desk.Bulletin(v.r.Context(), int(number))
	if err != nil {
		return err
	}
	count, err := v.desk.Bulletins(v.r.Context())
	if err != nil {
		return err
	}
	page := officialPage{Official: document, Number: int(number)}
	for n := range count {
		page.Bulletins = append(page.Bulletins, n+1)
	}
	return v.render("official", page)
}

// LongIssuer sets the name of the issuer smaller, so that it stays on one line.
func (p officialPage) LongIssuer() bool { return len([]rune(p.Issuer)) > 11 }
