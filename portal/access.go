package portal

import (
	"strconv"
	"time"

	"github.com/kaoping/kaoping/office"
)

// accessPage is who signed in, and who read what is another's.
type accessPage struct {
	Rows   []accessRow
	Events []option
	Login  string
	Older  string
	// First leads back to the newest lines.
	First string
}

type accessRow struct {
	ID                            int64
	At                            time.Time
	Login, Event, Detail, Address string
}

func (v *visit) showAccess() error {
	filter := office.AccessFilter{Login: v.r.FormValue("login"), Event: v.r.FormValue("event"), Most: pageSize + 1}
	filter.Before, _ = strconv.ParseInt(v.r.FormValue("before"), 10, 64) // not a number: from the newest on
	lines, err := v.desk.AccessLog(v.r.Context(), filter)
	if err != nil {
		return err
	}
	if err := v.desk.LogRead(v.r.Context(), office.AdminRead, "access log", v.address()); err != nil {
		return err
	}
	page := accessPage{Login: filter.Login, Events: v.options("event", office.AccessEvents, func(event string) string { return v.t("access.event." + event) })}
	for _, line := range lines[:min(len(lines), pageSize)] {
		page.Rows = append(page.Rows, accessRow{line.AccessID, line.At, line.Login, line.Event, v.catalogue.reason(v.language, line.Detail), line.Address})
	}
	if len(lines) > pageSize {
		page.Older = v.with("before", strconv.FormatInt(page.Rows[pageSize-1].ID, 10))
	}
	if filter.Before > 0 {
		page.First = v.with("before", "")
	}
	return v.render("access", page)
}
