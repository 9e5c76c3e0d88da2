package crmsync

import (
	"context"
	"encoding/json"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/staff"
)

// departments brings the tree and gives where each department is here. One that is
// gone there stays: people of ours may be in it.
func (w *work) departments(ctx context.Context, list []Department) (map[string]int64, error) {
	links, err := allLinks(w.DB.Read(ctx), w.source.ID, kindDepartment)
	if err != nil {
		return nil, err
	}
	places := map[string]int64{}
	for _, d := range inTree(list) {
		at := slices.IndexFunc(links, func(l linkRow) bool { return l.TheirID == d.ID })
		var link *linkRow
		if at >= 0 {
			link = &links[at]
		}
		id, err := w.department(ctx, d, link, links, places)
		if fatal := w.refusal(err, "department", d.ID); fatal != nil {
			return nil, fatal
		}
		if id != 0 {
			places[d.ID] = id
		}
	}
	return places, nil
}

// inTree puts parents before their children. A parent that is missing, or that
// stands below its own child, is none.
func inTree(list []Department) (tree []Department) {
	byID := map[string]Department{}
	for _, d := range list {
		if d.ID != "" && len(d.ID) <= longestID {
			byID[d.ID] = d
		}
	}
	const entered, done = 1, 2
	state := map[string]int{}
	var visit func(id string) bool
	visit = func(id string) bool {
		d, known := byID[id]
		if !known || state[id] == entered {
			return false
		}
		if state[id] == done {
			return true
		}
		state[id] = entered
		if !visit(d.ParentID) {
			d.ParentID = ""
		}
		state[id] = done
		tree = append(tree, d)
		return true
	}
	for _, d := range list {
		visit(d.ID)
	}
	return tree
}

// department brings one department and gives its id here.
func (w *work) department(ctx context.Context, d Department, link *linkRow, links []linkRow, places map[string]int64) (int64, error) {
	org, err := w.Roster.Org(ctx)
	if err != nil {
		return 0, err
	}
	d.Name = cut(fault.Tidy(d.Name), 200)
	if d.Name == "" {
		d.Name = "#" + d.ID
	}
	var ours *staff.Department
	had := Department{}
	if link != nil {
		if err := json.Unmarshal([]byte(link.Seen), &had); err != nil {
			return 0, fault.Internal(err)
		}
		ours = org.Department(link.OurID)
	}
	met := ours != nil
	if !met {
		if ours, err = w.meetDepartment(ctx, org, d, links, places[d.ParentID]); err != nil {
			return 0, err
		}
	}
	in := staff.DepartmentChange{Version: ours.Version}
	if met && had.Name != d.Name && ours.Name != d.Name {
		in.Name = &d.Name
	}
	if parent := places[d.ParentID]; met && had.ParentID != d.ParentID && ours.ParentID != parent {
		in.ParentID = &parent
	}
	if in.Name != nil || in.ParentID != nil {
		if _, err := w.Roster.ChangeDepartment(ctx, 0, ours.ID, in); err != nil {
			return ours.ID, err
		}
	}
	d.HeadID = had.HeadID // set by heads, once its users are here
	return ours.ID, w.saveDepartment(ctx, d, link, ours.ID)
}

// meetDepartment finds the department of ours that has the name and the place, or
// adds one.
func (w *work) meetDepartment(ctx context.Context, org *staff.Org, d Department, links []linkRow, parent int64) (*staff.Department, error) {
	for _, ours := range org.Departments() {
		taken := slices.ContainsFunc(links, func(l linkRow) bool { return l.OurID == ours.ID })
		if !taken && store.Fold(ours.Name) == store.Fold(d.Name) && (ours.ParentID == parent || parent == 0) {
			return ours, nil
		}
	}
	return w.Roster.AddDepartment(ctx, 0, staff.NewDepartment{Name: d.Name, ParentID: parent})
}

func (w *work) saveDepartment(ctx context.Context, d Department, link *linkRow, ours int64) error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	row := linkRow{Kind: int64(kindDepartment), TheirID: d.ID, OurID: ours, Seen: string(text), Mark: w.whole.Number}
	if link != nil && link.Seen == row.Seen && link.OurID == ours {
		return nil
	}
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		if err := putLink(tx, w.source.ID, row); err != nil {
			return err
		}
		return w.save(tx)
	})
}

// heads sets who heads what, where that changed there. A head whom nobody knows, or
// who has left, is tried again the next time.
func (w *work) heads(ctx context.Context, list []Department, places map[string]int64) error {
	links, err := allLinks(w.DB.Read(ctx), w.source.ID, kindDepartment)
	if err != nil {
		return err
	}
	for _, d := range list {
		at := slices.IndexFunc(links, func(l linkRow) bool { return l.TheirID == d.ID })
		if at < 0 || places[d.ID] == 0 {
			continue
		}
		var had Department
		if err := json.Unmarshal([]byte(links[at].Seen), &had); err != nil {
			return fault.Internal(err)
		}
		if had.HeadID == d.HeadID {
			continue
		}
		set, err := w.setHead(ctx, places[d.ID], d.HeadID)
		if fatal := w.refusal(err, "head", d.ID); fatal != nil {
			return fatal
		}
		if !set || err != nil {
			continue
		}
		had.HeadID = d.HeadID
		if err := w.saveDepartment(ctx, had, &links[at], places[d.ID]); err != nil {
			return err
		}
	}
	return nil
}

// setHead gives a department of ours the head that it has there; set is false where
// he is nobody here.
func (w *work) setHead(ctx context.Context, department int64, their string) (set bool, err error) {
	org, err := w.Roster.Org(ctx)
	if err != nil {
		return false, err
	}
	head := int64(0)
	if their != "" {
		u := org.Holder(w.source.Name, their)
		if u == nil || !u.Active {
			return false, nil
		}
		head = u.ID
		if !slices.Contains(u.Roles, access.Supervisor) && !slices.Contains(u.Roles, access.Admin) {
			roles := append(slices.Clone(u.Roles), access.Supervisor)
			if _, err := w.Roster.Change(ctx, 0, u.ID, staff.UserChange{Version: u.Version, Roles: &roles}); err != nil {
				return false, err
			}
		}
	}
	d := org.Department(department)
	if d == nil || d.HeadID == head {
		return true, nil
	}
	_, err = w.Roster.ChangeDepartment(ctx, 0, department, staff.DepartmentChange{Version: d.Version, HeadID: &head})
	return err == nil, err
}
