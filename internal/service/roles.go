package service

import (
	"errors"
	"fmt"
	"slices"
)

// Role is one part of what a worker can do.
type Role string

// The roles: workflows and activities; the portal's pages; those of the public.
const (
	Tasks  Role = "tasks"
	Portal Role = "portal"
	Public Role = "public"
)

// AllRoles are those of this build, in the order in which they start.
func AllRoles() []Role { return []Role{Tasks, Portal, Public} }

// ParseRoles reads roles by name; none means all.
func ParseRoles(names []string) ([]Role, error) {
	if len(names) == 0 {
		return AllRoles(), nil
	}
	var roles []Role
	var errs []error
	for _, name := range names {
		if !slices.Contains(AllRoles(), Role(name)) {
			errs = append(errs, fmt.Errorf("%q is no role of this build; known are %v", name, AllRoles()))
		}
		roles = append(roles, Role(name))
	}
	return roles, errors.Join(errs...)
}

func (s *Service) has(role Role) bool { return slices.Contains(s.roles, role) }
