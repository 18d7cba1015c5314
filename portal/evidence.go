package portal

// sendEvidence sends a file that a unit's report names (A8(5)).
func (v *visit) sendEvidence() error {
	unit := v.r.PathValue("unit")
	file, err := v.desk.OpenEvidence(v.r.Context(), unit, v.r.PathValue("sha"), v.r.PathValue("name"))
	if err != nil {
		return err
	}
	return v.serveEvidence(unit, file)
}
